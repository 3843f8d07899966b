"""The Rhai project's own examples end here as its authors wrote, or for a known reason."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).parents[1] / "tools"

RUST = r"""
#[test]
fn test_sums() -> Result<(), Box<EvalAltResult>> {
    let engine = Engine::new();
    assert_eq!(engine.eval::<INT>("1 + 1")?, 2);
    assert_eq!(engine.eval::<String>(r#" "a" + 'b' "#)?, "ab".to_string());
    assert!(!engine.eval::<bool>("1 > 2")?);
    engine.run("nowhere").expect_err("fails");
    #[cfg(feature = "f32_float")]
    assert_eq!(engine.eval::<f32>("1.0")?, 1.0);
    let mut scope = Scope::new();
    scope.push("x", 40 as INT);
    engine.run_with_scope(&mut scope, "x += 1")?;
    assert_eq!(engine.eval_with_scope::<INT>(&mut scope, "x + 1")?, 42 as INT);
    Ok(())
}

#[test]
fn test_own_function() {
    let mut engine = Engine::new();
    engine.register_fn("twice", |x: INT| x * 2);
    assert_eq!(engine.eval::<INT>("twice(21)").unwrap(), 42);
}
"""
PAGE = """
Some words.

```rhai
print(1 + 1);     // prints 2
```

```sh
cargo build
```
"""


def upstream(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the tool, which is no part of the package."""
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module(f"upstream.{name}")


def test_the_documentation_inside_the_pinned_crate_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing that it shows is unexplained."""
    sources = upstream("sources", monkeypatch)
    try:
        sources.pinned()
    except sources.SourcesMissing as missing:
        pytest.skip(f"the examples are read from cargo's sources: {missing}")
    unexplained = upstream("command", monkeypatch).main([])
    assert not unexplained, capsys.readouterr().out


def test_evaluations_are_found_in_rust(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a test asserts is read, with its scope; what our build leaves out is not."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "sums.rs").write_text(RUST)
    found = list(upstream("collection", monkeypatch).examples(tmp_path, "0"))
    model, judge = upstream("model", monkeypatch), upstream("judge", monkeypatch)
    assert [(example.text.strip(), example.expects) for example in found] == [
        ("1 + 1", model.Equals(2)),
        ("\"a\" + 'b'", model.Equals("ab")),
        ("1 > 2", model.Equals(value=False)),
        ("nowhere", model.Fails()),
        ("x += 1", model.Runs()),
        ("x + 1", model.Equals(42)),
        ("twice(21)", model.Equals(42)),
    ]
    assert [judge.met(example, judge.ending(example)) for example in found] == [True] * 6 + [False]
    assert [example.prepared for example in found] == [False] * 6 + [True]


def test_a_wrong_answer_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unless a reason is known, an example that ends otherwise is unexplained."""
    (tmp_path / "page.md").write_text(PAGE.replace("prints 2", "prints 3"))
    (example,) = upstream("collection", monkeypatch).examples(tmp_path, "0")
    seen = upstream("judge", monkeypatch).ending(example)
    judged = upstream("verdicts", monkeypatch).verdict(example, seen, None, frozenset())
    assert judged == upstream("model", monkeypatch).Verdict.UNEXPLAINED


def test_printed_lines_are_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page's blocks in Rhai are run, the others are not."""
    (tmp_path / "page.md").write_text(PAGE)
    judge = upstream("judge", monkeypatch)
    (example,) = upstream("collection", monkeypatch).examples(tmp_path, "0")
    assert judge.met(example, judge.ending(example))

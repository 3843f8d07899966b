"""The options that every verb takes, before it or after it: where to work, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from neira.cli.words import Language

_META = "neira.cli."  # keys of what was asked, in the meta of click's context, which all levels share


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options and variables came to."""

    home: Path
    url: str | None
    token: str | None
    as_json: bool
    language: Language


class LanguageName(click.ParamType[Language]):
    """`en` or `ru`, or the name of a locale such as `ru_RU.UTF-8`."""

    name = "en|ru"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Language:
        """Take a language, or the locale that the machine speaks."""
        text = str(value)
        if text in {"en", "ru"}:
            return Language(text)
        if "_" in text or "." in text or text in {"C", "POSIX"}:
            return Language.RU if text.startswith("ru") else Language.EN
        return self.fail(f"{text[:20]!r} is not en or ru", param, ctx)


def shared(*, top: bool) -> list[click.Parameter]:
    """Make the shared options anew; variables count at the top only, so that a flag anywhere wins."""
    return [
        _option(["--home"], type=click.Path(path_type=Path), envvar="NEIRA_HOME" if top else None,
                metavar="DIR", help="The home to work on; by default the current folder."),
        _option(["--url"], envvar="NEIRA_URL" if top else None, metavar="URL",
                help="Ask a running server instead of a home, such as http://127.0.0.1:8080."),
        _option(["--token"], envvar="NEIRA_TOKEN" if top else None, metavar="TOKEN",
                help="The token for --url; NEIRA_TOKEN keeps it out of the process list."),
        _option(["--json", "as_json"], is_flag=True, default=None, help="Answer with one JSON document."),
        _option(["--lang"], type=LanguageName(), envvar=["LC_ALL", "LC_MESSAGES", "LANG"] if top else None,
                help="Language of headings and refusals."),
    ]  # fmt: skip


def asked(ctx: click.Context) -> Asked:
    """Gather what was asked at any level; what stands on the command line wins over variables."""
    home, url = _get(ctx, "home"), _get(ctx, "url")
    if _typed(ctx, "home") and _typed(ctx, "url"):
        raise click.UsageError("--home and --url name two places: give one of them", ctx)
    if _typed(ctx, "home"):
        url = None
    return Asked(
        home=home or Path(),
        url=url,
        token=_get(ctx, "token"),
        as_json=bool(_get(ctx, "as_json")),
        language=_get(ctx, "lang") or Language.EN,
    )


def _option(names: list[str], **facts: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_keep, **facts)


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Remember a value where every level sees it; the inner level, parsed later, wins."""
    if value is None or param.name is None:
        return
    ctx.meta[_META + param.name] = value
    if ctx.get_parameter_source(param.name) is click.core.ParameterSource.COMMANDLINE:
        ctx.meta[_META + param.name + ".typed"] = True


def _get(ctx: click.Context, name: str) -> Any:
    return ctx.meta.get(_META + name)


def _typed(ctx: click.Context, name: str) -> bool:
    return bool(ctx.meta.get(_META + name + ".typed"))

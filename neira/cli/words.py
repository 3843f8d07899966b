"""The words of tables and refusals that a person reads most, in English and in Russian.

Everything else (sentences of errors, documents of `--json`) is English whatever the language.
"""

from __future__ import annotations

from enum import Enum, StrEnum


class Language(StrEnum):
    """A language of the command line."""

    EN = "en"
    RU = "ru"


class Word(Enum):
    """One word or lead-in, in each language."""

    ACTOR = ("actor", "кто")
    BUTTON = ("button", "кнопка")
    CHAT = ("chat", "чат")
    CHECK = ("check", "проверка")
    CREATED = ("created", "создан")
    DIGEST = ("digest", "отпечаток")
    EXPIRES = ("expires", "истекает")
    ERROR = ("error", "ошибка")
    EVENT = ("event", "событие")
    GATE = ("gate", "затвор")
    GRANTED = ("granted", "выдано")
    HINT = ("what to do", "что делать")
    ID = ("id", "id")
    KIND = ("kind", "вид")
    LIVE = ("live", "работает")
    MEANING = ("meaning", "смысл")
    MODE = ("mode", "режим")
    MORE = ("more: --cursor", "дальше: --cursor")
    NAME = ("name", "имя")
    NAMESPACE = ("namespace", "область")
    NOTHING = ("nothing to show", "показать нечего")
    NUMBER = ("no.", "№")
    OUTCOME = ("outcome", "исход")
    PERMISSION = ("permission", "право")
    PLUGIN = ("plugin", "плагин")
    REASON = ("reason", "причина")
    SAFE_MODE = ("safe mode", "безопасный режим")
    SCOPE = ("scope", "уровень доступа")
    SESSION = ("session", "сессия")
    SETTING = ("setting", "настройка")
    SOURCE = ("source", "откуда")
    STATE = ("state", "состояние")
    SUGGESTIONS = ("or", "или")
    TEXT = ("text", "текст")
    TITLE = ("title", "название")
    VALUE = ("value", "значение")
    VERSION = ("version", "версия")
    WAITS = ("waits for approval", "ждёт одобрения")
    WHAT = ("what", "что")
    WHEN = ("when", "когда")
    WHY = ("why", "почему")

    def say(self, language: Language) -> str:
        """Give the word in a language."""
        english, russian = self.value
        return russian if language is Language.RU else english

"use strict";

// What the control center says, in both languages.
const WORDS = {
  en: {
    api: "API", token: "Token", use: "Use", forget: "Forget", safe_mode: "Safe mode", gates: "Capabilities", say: "Say",
    tools: "Tools", plugins: "Plugins", journal: "Journal", other: "Русский", open: "Open", close: "Close",
    on: "on", off: "off", enter: "Enter safe mode", leave: "Leave safe mode", nobody: "Not signed in.",
    none: "Nothing here yet.", why: "Why? It is kept in the journal.", enable: "Enable", disable: "Disable",
    admins: "For tokens with the scope admin.", chat: "Chat", session: "Session", preview: "Only show what would happen",
    params: "Parameters, as JSON", not_json: "These parameters are not a JSON object.", answer: "The whole answer",
    draw: "Draw here", color: "Color", size: "Width", annotations: "Annotations of the session",
  },
  ru: {
    api: "API", token: "Токен", use: "Войти", forget: "Забыть", safe_mode: "Безопасный режим", gates: "Способности",
    say: "Сказать", tools: "Инструменты", plugins: "Плагины", journal: "Журнал", other: "English", open: "Открыть",
    close: "Закрыть", on: "включён", off: "выключен", enter: "Включить безопасный режим",
    leave: "Выйти из безопасного режима", nobody: "Вход не выполнен.", none: "Здесь пока ничего нет.",
    why: "Почему? Это останется в журнале.", enable: "Включить", disable: "Выключить",
    admins: "Для токенов с правом admin.", chat: "Чат", session: "Сессия", preview: "Только показать, что будет",
    params: "Параметры, JSON", not_json: "Эти параметры — не объект JSON.", answer: "Весь ответ", draw: "Рисуйте здесь",
    color: "Цвет", size: "Толщина", annotations: "Аннотации сессии",
  },
};

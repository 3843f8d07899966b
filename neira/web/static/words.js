"use strict";

// What the control center says, in both languages.
const WORDS = {
  en: {
    api: "API", token: "Token", use: "Use", forget: "Forget", safe_mode: "Safe mode", gates: "Capabilities", say: "Say",
    tools: "Tools", plugins: "Plugins", journal: "Journal", other: "Русский", open: "Open", close: "Close",
    on: "on", off: "off", enter: "Enter safe mode", leave: "Leave safe mode", nobody: "Not signed in.",
    none: "Nothing here yet.", why: "Why? It is kept in the journal.", enable: "Enable", disable: "Disable",
    admins: "For tokens with the scope admin.",
  },
  ru: {
    api: "API", token: "Токен", use: "Войти", forget: "Забыть", safe_mode: "Безопасный режим", gates: "Способности",
    say: "Сказать", tools: "Инструменты", plugins: "Плагины", journal: "Журнал", other: "English", open: "Открыть",
    close: "Закрыть", on: "включён", off: "выключен", enter: "Включить безопасный режим",
    leave: "Выйти из безопасного режима", nobody: "Вход не выполнен.", none: "Здесь пока ничего нет.",
    why: "Почему? Это останется в журнале.", enable: "Включить", disable: "Выключить",
    admins: "Для токенов с правом admin.",
  },
};

"""`save_message`: any object, kept as one line of the session's messages."""

from neira.host.action import Action, Docs, Spelling
from neira.host.actions.saving import has_a_place, one_object, save_as

ACTION = Action(
    name="save_message",
    docs=Docs(
        "Save a message for the chat and session of the event.",
        "Сохранить сообщение для чата и сессии события.",
    ),
    permission="storage:write",
    check=has_a_place,
    apply=save_as("message"),
    spellings=(Spelling("storage::save_message", ("object",), one_object),),
)

"""`create_note`: any object, kept as one line of the session's notes."""

from neira.host.action import Action, Docs, Spelling
from neira.host.actions.saving import has_a_place, one_object, save_as

ACTION = Action(
    name="create_note",
    docs=Docs(
        "Save a note for the chat and session of the event.",
        "Сохранить заметку для чата и сессии события.",
    ),
    permission="storage:write",
    check=has_a_place,
    apply=save_as("note"),
    spellings=(Spelling("storage::create_note", ("object",), one_object),),
)

"""`save_annotation`: any object, kept as one line of the session's annotations."""

from neira.host.action import Action, Docs, Spelling
from neira.host.actions.saving import has_a_place, one_object, save_as
from neira.model import GateName

ACTION = Action(
    name="save_annotation",
    docs=Docs(
        "Save an annotation, such as a drawn stroke, for the chat and session of the event.",
        "Сохранить аннотацию, например штрих, для чата и сессии события.",
    ),
    permission="storage:write",
    check=has_a_place,
    apply=save_as("annotation"),
    spellings=(Spelling("storage::save_annotation", ("object",), one_object),),
    gate=GateName("annotations_pencil"),
)

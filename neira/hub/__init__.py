"""The way of an event: through the door, to its receivers, into the journal, back as an answer."""

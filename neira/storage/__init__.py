"""What plugins saved for chats, as files: written as the journal goes, read and searched from here."""

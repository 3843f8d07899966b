"""The command line: a verb is a file, and each verb is a name in `verbs.VERBS`."""

"""The operator's watches, the checks of the sources and the outbox: the files of a workspace that tell what changed."""

"""The staff's pages: another face of the desk, with the commands and rights of chat and shell."""

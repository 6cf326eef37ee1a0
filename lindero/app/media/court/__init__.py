"""The dossier: a signed folder for courts and archives."""

"""How what the centre orders arrives and is put into force, and how the unit stands to it."""

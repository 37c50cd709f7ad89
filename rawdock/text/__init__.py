"""Text for people, in the docker CLI's own ways: units, tables, templates."""

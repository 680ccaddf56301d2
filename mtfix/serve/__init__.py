"""mtfix over HTTP: the LanguageTool API, mtfix's own JSON, and a page for reviewing documents."""

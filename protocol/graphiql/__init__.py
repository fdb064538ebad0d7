"""GraphiQL, served from our own origin: `build` makes its files from npm, `page` serves them."""

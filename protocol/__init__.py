"""GraphQL over HTTP: what goes over the wire, and nothing about what it means.

A request passes these modules in order: `negotiation` (what the answer may be), `csrf` (may a
browser have been tricked into it), `authentication`, `request` (typed parameters, by way of
`strict_json`), `documents` (parsed and validated once), `operations` (run through the schema, under
the eye of `supervision`), `errors` and `responses`. `endpoint` is the thread through them, `status`
the one table of codes. PROTOCOL sections 1 to 3 are the requirements; ids such as Q3 and N5 in
these modules are theirs.

`access_log`, `hosts`, `cors` and `compression` are middleware, for all routes of an application;
`health` has routes of its own.
"""

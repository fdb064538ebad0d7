"""GraphQL over HTTP: what goes over the wire, and nothing about what it means.

A request passes these modules in order:

    negotiation       what the answer may be
    csrf              may a browser have been tricked into it
    admission         is there room, or a place to wait
    authentication    whose token it is (`signing_keys`), and who else the sender is (`callers`)
    request           typed parameters, by way of `strict_json`; `references` when no text is sent
    persisted         the text that a hash or an id names
    documents         parsed and validated once (`definitions`, `shape`); price and cache policy
    expense           is it too large or too dear; `cost` and `variables` make the price
    throttle          the caller's account is charged; `metering` is what they are told of it
    operations        run through the schema, under `supervision`; or only priced (`dry_run`)
    errors, responses with `status`, the one table of codes, and `caching`, who may keep the answer

`endpoint` is the thread through them. Trusted documents come in by `publishing`, from a manifest or
from `remote_persisting`, are looked after by `inventory`, and `usage` counts who sends them.
PROTOCOL sections 1 to 6 and 12 are the requirements; ids such as Q3 and N5 in these modules are
theirs.

`access_log`, `hosts`, `cors` and `compression` are middleware, for all routes of an application;
`health` has routes of its own.
"""

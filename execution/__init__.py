"""Compiled, breadth-first execution: an operation is compiled once, and a field runs once a layer.

    executor      the plug-in point of graphql-core: which operations run compiled, and which not
    choice        the same, or graphql-core's, or both, by name
    prepared      an operation that needs no executor for each request
    operations    a document's operation, and a plan for each choice of `@skip` and `@include`
    compiling     selection sets to plans, as graphql-core collects their fields
    plan          what a plan is made of
    fields        how each field gets its value, as the schema declares it
    arguments     what fields are called with
    classes       which classes of Python decide a type by themselves
    source        plans to Python source; `interpreting` does the same without, to be debugged
    fragments     objects that were written as JSON before
    completion    values that are not the usual ones: awaitables, errors, types that must be asked
    run           one execution: layers of objects, and the jobs that fill their fields
    jobs          one field of one layer: by a loader, by a function of all, or by one for each
    propagation   errors, with their paths, and the nulls that they leave
    info          what resolvers are told of their field
    metrics       how many ran compiled, and why others did not
    shadow        runs a share of queries on both executors, and reports what differs

It knows declarations (`resolvers.declared`) and nothing of the types that make them.
"""

"""What a document consists of, by kind: its operations, and its fragments by name."""

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode


def operations_of(document: DocumentNode) -> list[OperationDefinitionNode]:
    """The operations, in their order."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments by name; of several with one name, which no valid document has, the last."""
    return {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }

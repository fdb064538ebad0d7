"""Related pins of a pin, and recommended pins of a board."""

from domain.boards import BoardRecord
from domain.pins import PinRecord
from loaders.pins import PinByIdLoader
from loaders.related import BEST_FIRST, RecommendedByBoardLoader, RelatedByRootLoader
from resolvers.connections import Connection, Window, nodes_from
from resolvers.context import Info
from resolvers.declared import from_loader
from storage.related import RelatedPin

pin = from_loader(PinByIdLoader, "row.id")
pins = nodes_from(PinByIdLoader, "id")


def related(pin: PinRecord, info: Info, window: Window) -> Connection[RelatedPin]:
    """More like this. All copies of a picture share one list."""
    page = window.page(BEST_FIRST)
    return Connection(pin.root_id, page, info.context.loaders(RelatedByRootLoader, page))


def recommended_pins(board: BoardRecord, info: Info, window: Window) -> Connection[RelatedPin]:
    """What fits a board and is not on it."""
    page = window.page(BEST_FIRST)
    return Connection(board.id, page, info.context.loaders(RecommendedByBoardLoader, page))

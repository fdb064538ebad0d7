"""What MongoDB is really sent: counted at the driver, below our own code."""

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

READS = {"find", "aggregate", "getMore", "count", "distinct"}


class CommandRecorder(CommandListener):
    """Remembers the reads that were started, by the name of their command."""

    def __init__(self) -> None:
        self.started_reads: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Called by the driver."""
        if event.command_name in READS:
            self.started_reads.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Called by the driver."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Called by the driver."""

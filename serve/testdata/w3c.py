# Runs the W3C feed validator (https://github.com/w3c/feedvalidator, its checkout
# is the first argument) over feeds given as pairs of address and file; prints
# every error and warning, one a line: address, class, element, value.
import sys
sys.path.insert(0, sys.argv[1] + "/src")
import feedvalidator
from feedvalidator import logging

for address, file in zip(sys.argv[2::2], sys.argv[3::2]):
    with open(file, "rb") as f:
        found = feedvalidator.validateString(f.read(), firstOccurrenceOnly=1, fallback="utf-8", base=address)
    for e in found["loggedEvents"]:
        if isinstance(e, (logging.Error, logging.Warning)):
            print(address, type(e).__name__, e.params.get("element"), e.params.get("value") or e.params.get("namespace"))
    print(address, "read")

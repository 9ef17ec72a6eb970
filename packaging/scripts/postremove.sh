#!/bin/sh
# After the files are gone. The store stays, as people's data does, also on a purge:
# rm -r /var/lib/private/aggregator removes it.
set -e
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi

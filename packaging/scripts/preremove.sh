#!/bin/sh
# Before the files go. deb says "remove", rpm says 0 for the last one; an upgrade stops
# nothing.
set -e
if [ "$1" = remove ] || [ "$1" = 0 ]; then
	if [ -d /run/systemd/system ]; then
		systemctl disable --now aggregator.socket aggregator.service
	fi
fi

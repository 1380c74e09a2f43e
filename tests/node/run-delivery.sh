#!/usr/bin/env bash
# Mails and cards as independent programs take, read and show them: the program is in CHASER.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
node --test delivery.test.mjs cards.test.mjs mail_pages.test.mjs

#!/usr/bin/env bash
# Make sure that the real documents are there that readers are tested on, and pdftotext to hold pages against.
set -euo pipefail
manuals=/usr/share/doc/debian-edu-doc-nl
ls "$manuals"/*.pdf >/dev/null 2>&1 && command -v pdftotext >/dev/null && exit 0
if command -v apt-get >/dev/null; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo"
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends debian-edu-doc-nl poppler-utils >/dev/null
  exit 0
fi
echo "The tests of the PDF reader are left out: they need Debian's packages debian-edu-doc-nl and poppler-utils." >&2

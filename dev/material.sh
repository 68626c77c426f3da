#!/usr/bin/env bash
# Make sure that the real documents are there that readers are tested on, and the programs to hold them against:
# pdftotext for pages of PDF, pandoc for DOCX, tesseract for scanned pages.
set -euo pipefail
packages="debian-edu-doc-nl debian-faq-nl libreoffice-help-nl poppler-utils pandoc tesseract-ocr tesseract-ocr-nld"
# shellcheck disable=SC2086
dpkg --status $packages >/dev/null 2>&1 && exit 0
if command -v apt-get >/dev/null; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo"
  $as_root apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null
  exit 0
fi
echo "Tests of the readers are left out: they need Debian's packages $packages." >&2

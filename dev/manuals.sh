#!/usr/bin/env bash
# Put those Dutch manuals of Debian packages into a folder that tests/questions/foreign/packages-dev.jsonl asks about: what the
# judge of bare passages is fitted on beside the corpus (iio-kg eval --calibrate-on FOLDER). Needs the packages debian-faq-nl,
# aptitude-doc-nl and libreoffice-help-nl.
set -euo pipefail
folder=${1:?name a folder that is not there yet}
questions=$(dirname "$0")/../tests/questions/foreign/packages-dev.jsonl
mkdir "$folder"
for name in $(grep -o '"document": "[^"]*"' "$questions" | cut -d '"' -f 4 | sort -u); do
  case $name in
    faq-*) page=/usr/share/doc/debian/FAQ/nl/${name#faq-}.nl.html ;;
    aptitude-*) page=/usr/share/doc/aptitude/html/nl/${name#aptitude-}.html ;;
    # An id has hyphens where the name of the file has underscores.
    lo-*) page=/usr/share/libreoffice/help/nl/text/shared/guide/$(tr - _ <<<"${name#lo-}").html ;;
    *) echo "$questions: no package is known for the document $name." >&2 && exit 1 ;;
  esac
  cp "$page" "$folder/$name.html"
done

"""The parent unit's own side, on a plain laptop: key, district file, preview, audit."""

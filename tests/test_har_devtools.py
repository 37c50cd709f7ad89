"""A recording in the network panel of Chromium's own developer tools, loaded as its import button does."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from test_conversation import ATTACH, CHUNKED, GET, POST, UPGRADED, conversation

from rawdock.har import document, entry_of

pytestmark = pytest.mark.slow
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
FRONT_END = "devtools://devtools/bundled/"

# The front end starts by itself; until it has, its managers are not there. Its modules are Chromium's own affair, so a Chromium
# that has other ones makes the test say so.
LOAD = """(async () => {
  const part = name => import('%s' + name);
  let UI, Network, Logs;
  try {
    UI = await part('ui/legacy/legacy.js');
    Network = await part('panels/network/network.js');
    Logs = await part('models/logs/logs.js');
  } catch (error) {
    return {other: String(error)};
  }
  const began = performance.now();
  for (;;) {
    try {
      await UI.ViewManager.ViewManager.instance().showView('network');
      break;
    } catch (error) {
      if (performance.now() - began > 20000) throw error;
      await new Promise(requestAnimationFrame);
    }
  }
  const view = Network.NetworkPanel.NetworkPanel.instance().networkLogView;
  await view.onLoadFromFile(new File([%s], 'session.har'));
  const found = [];
  for (const request of Logs.NetworkLog.NetworkLog.instance().requests()) {
    const content = await request.requestContentData();
    const text = content.isTextContent ? content.text : content.base64;
    found.push([request.requestMethod, request.url(), request.statusCode, text]);
  }
  return {found};
})()"""


def test_the_network_panel_of_chromium_shows_a_recording(tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = []
    for pieces in (
        [POST, CHUNKED],
        [GET, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\x00x"],
        [ATTACH, UPGRADED],
        [GET],
    ):
        talk, told = conversation()
        talk.sent(pieces[0], 1.0)
        for piece in pieces[1:]:
            talk.received(piece, 1.5)
        talk.received_eof(2.0)
        talk.close(2.0)
        entries += [entry_of(one, "http://localhost", STARTED) for one in told.all]
    with chromium(tmp_path) as page:
        page.open(FRONT_END + "devtools_app.html?panel=network")
        answer = page.evaluate(LOAD % (FRONT_END, json.dumps(json.dumps(document("0", entries)))))
    if "other" in answer:
        pytest.skip(f"this Chromium's developer tools have other parts: {answer['other']}")
    shown = [(method, url.removeprefix("http://localhost"), status) for method, url, status, _ in answer["found"]]
    assert shown == [
        ("POST", "/v1.41/containers/create", 200),
        ("GET", entries[1]["request"]["url"].removeprefix("http://localhost"), 200),
        ("POST", entries[2]["request"]["url"].removeprefix("http://localhost"), 101),
        ("GET", entries[3]["request"]["url"].removeprefix("http://localhost"), 0),
    ]
    assert [content for *_, content in answer["found"]][:2] == ["abcde", "/wB4"]

"""browser - a page in headless Chromium, driven as a person would.

Talks Chromium's own protocol through a pipe, so that nothing but Python and
the browser is needed. All that the page logs or throws is in `errors`.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find():
    for name in NAMES:
        for folder in os.environ["PATH"].split(":"):
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    return None


class Page:
    def __init__(self, path, width=1400, height=1000, dark=False):
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()
        self.profile = tempfile.TemporaryDirectory()
        self.browser = subprocess.Popen(
            # It reads descriptor 3 and writes 4.
            ["sh", "-c", f"exec 3<&{to_browser} 4>&{from_browser}; "
             'exec "$@"', "sh", find(), "--headless=new",
             "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--remote-debugging-pipe",
             f"--user-data-dir={self.profile.name}",
             f"--window-size={width},{height}"],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.errors = []
        self.requests = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")
        self.session = self.call("Target.attachToTarget", flatten=True,
                                 targetId=target["targetId"])["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)
        self.dark(dark)
        self.loaded = False
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while not self.loaded:
            self.note(self.receive())
        self.settle()

    def receive(self):
        while b"\0" not in self.buffer:
            got = os.read(self.input, 1 << 20)
            if not got:
                sys.exit("the browser has gone")
            self.buffer += got
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def note(self, message):
        method = message.get("method")
        params = message.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get(
                "description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.errors.append(str(params["args"]))
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != self.number:
                self.note(answer)
            elif "error" in answer:
                sys.exit(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def get(self, expression):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def settle(self):
        """Wait for two pictures: what was asked for is then drawn."""
        self.get("new Promise(done => requestAnimationFrame(() =>"
                 " requestAnimationFrame(() => done(1))))")

    def mouse(self, kind, x, y, buttons=0):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y,
                  button="left" if buttons or kind == "mouseReleased"
                  else "none", buttons=buttons, clickCount=1)

    def click(self, x, y):
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, 1)
        self.mouse("mouseReleased", x, y)
        self.settle()

    def drag(self, from_x, to_x, y):
        self.mouse("mouseMoved", from_x, y)
        self.mouse("mousePressed", from_x, y, 1)
        self.mouse("mouseMoved", (from_x + to_x) / 2, y, 1)
        self.mouse("mouseMoved", to_x, y, 1)
        self.mouse("mouseReleased", to_x, y)
        self.settle()

    def press(self, selector):
        """Click the middle of an element."""
        box = self.get(
            f"(e => {{ e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect();"
            " return [r.left + r.width / 2, r.top + r.height / 2]; })"
            f"(document.querySelector({json.dumps(selector)}))")
        self.click(*box)

    def key(self, name):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name,
                  **({"text": "\r"} if name == "Enter" else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name)
        self.settle()

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.settle()

    def choose(self, selector, value):
        """Choose an option of a list."""
        self.get(f"(e => {{ e.value = {json.dumps(value)};"
                 " e.dispatchEvent(new Event('input', {bubbles: true}));"
                 f" }})(document.querySelector({json.dumps(selector)}))")
        self.settle()

    def text(self, selector):
        return self.get(
            f"document.querySelector({json.dumps(selector)}).innerText")

    def dark(self, is_dark):
        self.call("Emulation.setEmulatedMedia", features=[{
            "name": "prefers-color-scheme",
            "value": "dark" if is_dark else "light"}])

    def screenshot(self, path):
        shot = self.call("Page.captureScreenshot", format="png",
                         captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def close(self):
        self.session = None
        self.call("Browser.close")
        self.browser.wait()
        os.close(self.input)
        os.close(self.output)
        self.profile.cleanup()

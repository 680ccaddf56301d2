"""Open documents in LibreOffice and save them again, run by the Python that has its `uno` module.

Every argument is ACTION:SOURCE:TARGET; the actions are accept and reject (all tracked changes) and keep.
"""

import os
import subprocess
import sys
import tempfile
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

DISPATCHES = {"accept": ".uno:AcceptAllTrackedChanges", "reject": ".uno:RejectAllTrackedChanges"}


def value(name, content):
    made = PropertyValue()
    made.Name, made.Value = name, content
    return made


def connected(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.5)
    raise SystemExit("LibreOffice doesn't answer")


def main(jobs):
    with tempfile.TemporaryDirectory() as profile:
        pipe = f"mtfix{os.getpid()}"
        options = ["--headless", "--norestore", f"-env:UserInstallation=file://{profile}"]
        office = subprocess.Popen(["soffice", *options, f"--accept=pipe,name={pipe};urp;"])
        context = connected(pipe)
        service = context.ServiceManager.createInstanceWithContext
        desktop = service("com.sun.star.frame.Desktop", context)
        dispatcher = service("com.sun.star.frame.DispatchHelper", context)
        for action, source, target in (job.split(":") for job in jobs):
            document = desktop.loadComponentFromURL(f"file://{source}", "_blank", 0, (value("Hidden", True),))
            if action in DISPATCHES:
                dispatcher.executeDispatch(document.CurrentController.Frame, DISPATCHES[action], "", 0, ())
            document.storeToURL(f"file://{target}", (value("FilterName", "MS Word 2007 XML"),))
            document.close(True)
        desktop.terminate()
        office.wait(60)


main(sys.argv[1:])

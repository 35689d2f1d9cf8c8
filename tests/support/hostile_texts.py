"""Texts as a hostile or a broken model may write them: code for a browser, invisible characters, floods."""

from __future__ import annotations

_RUN = "window.ran = 1"

MARKUP = [
    f"<script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"<!--<script>{_RUN}</script>-->",
    f"]]>--><script>{_RUN}</script>",
    f"<img src=x onerror='{_RUN}'>",
    f"</style></dialog></pre><svg onload='{_RUN}'><animate onbegin='{_RUN}' attributeName=x /></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={_RUN}&gt;'>",
    f'<iframe srcdoc="<script>parent.ran = 1</script>"></iframe><iframe src="javascript:{_RUN}"></iframe>',
    "<style>body { display: none } @import 'https://example.org/x.css';</style>",
    "<link rel=stylesheet href=//example.org/x.css><base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0; url=https://example.org/'>",
    f"<details open ontoggle='{_RUN}'><input autofocus onfocus='{_RUN}'>",
    "<form action='https://example.org/'><button>Send</button></form>",
    "<a href='file:///etc/passwd' ping='https://example.org/'>open</a> https://example.org/ file:///etc/passwd",
    f"&lt;script&gt;{_RUN}&lt;/script&gt; &#60;b&#62; \\u003cscript\\u003e",
    f'" onmouseover="{_RUN}" x="',
]
TEMPLATES = [
    f"{{{{ 7 * 7 }}}} ${{{_RUN}}} `${{{_RUN}}}` {{% raw %}} <%= 7 * 7 %> #{{7 * 7}} ${{jndi:ldap://example.org/x}}",
    f"javascript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    "'; DROP TABLE problems; -- ' OR 1=1",
    "__proto__",
    "constructor",
    "k3>999999 -1>0",
]
INVISIBLE = [
    # "Trojan Source": a comment that looks like code, and code that looks like a comment.
    "access = 'user\u202e \u2066# only for admins\u2069 \u2066'",
    "a\u200bb\u200cc\u200dd\u200ee\u200ff\u2060g\ufeffh\u00adi\u061cj\u2028k\u2029l",
    "name\ufe0f = 1; \u3164 = 2; \U000e0041\U000e0042 \U000e0101",
    "\x1b[2J\x1b]0;title\x07\x1b[31mred\x9b31m\x08\x7f",
    "nul \x00 in the middle\r\nand a carriage return\rat the end",
    "half \ud83d of a pair, the other \udc4d, both \U0001f44d",
    "\u05d0\u05d1\u05d2 right to left, \u0645\u0631\u062d\u0628\u0627 too",
    "a" + "\u0301\u0489" * 20_000,
    "\ufdfd" * 50 + "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50,
]
LARGE = [
    "x" * 1_000_000,
    "\n".join(f"line = {number % 100}" for number in range(100_000)),
    "if x:\n" + "".join("    " * depth + "if x:\n" for depth in range(1, 300)),
    "(" * 50_000,
    "\n" * 50_000,
    '"""' + "<script>\n" * 2000,
    "\t" * 10_000 + "x",
]

HOSTILE = [*MARKUP, *TEMPLATES, *INVISIBLE, *LARGE]

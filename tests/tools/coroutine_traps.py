#!/usr/bin/env python3
"""Finds what g++ 12.2 miscompiles around co_await without a warning (libs/async/task.h tells what and why).

usage: coroutine_traps.py FILE...   prints "file:line: what; what to do instead" and exits 1 if there is any.
"""
import re
import sys

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.S)
DECLARATION = re.compile(
    r'(?:^|[;{}(])\s*(?:static\s+|const\s+|constexpr\s+|thread_local\s+|\[\[maybe_unused\]\]\s*)*'
    r'(?!return\b|co_return\b|co_await\b|throw\b|else\b|delete\b|case\b|goto\b|new\b|if\b|while\b|for\b|switch\b|do\b)'
    r'(?:unsigned\s+|struct\s+)?[A-Za-z_][\w:]*(?:\s*<[^;{}]*?>)?(?:\s*[&*]+\s*|\s+)(?:\[[^\]]*\]|[A-Za-z_]\w*)\s*(?:=[^=]|;|\{|\(|:)')
PAIRS = {'(': ')', '[': ']', '{': '}'}


def blank(text):
    """The same text with comments, strings and preprocessor lines turned into spaces, so that offsets stay."""
    text = COMMENT_OR_TEXT.sub(lambda m: re.sub(r'[^\n]', ' ', m.group()), text)
    return re.sub(r'^[ \t]*#[^\n]*', lambda m: ' ' * len(m.group()), text, flags=re.M)


def match_braces(code):
    """Start of each bracket to its end."""
    ends, stack = {}, []
    for i, c in enumerate(code):
        if c in '([{':
            stack.append(i)
        elif c in ')]}' and stack:
            ends[stack.pop()] = i
    return ends


def before(code, i):
    """Index of the last character before i that is not space."""
    i -= 1
    while i >= 0 and code[i].isspace():
        i -= 1
    return i


def is_function_body(code, starts, brace):
    """True if the brace opens the body of a function or lambda rather than of a statement or a type."""
    head = re.sub(r'(->[\s\w:<>,*&]+|\b(const|override|final|noexcept|mutable|requires)\b|\s)+$', '', code[max(0, brace - 300):brace])
    if not head.endswith(')'):
        return False
    close = max(0, brace - 300) + len(head) - 1
    opened = starts.get(close)
    if opened is None:
        return False
    word = re.search(r'(\w+)\s*$', code[:opened])
    return not (word and word.group(1) in ('if', 'for', 'while', 'switch', 'catch', 'constexpr'))


def expression_end(code, i, ends):
    """End of the full expression that begins at i."""
    while i < len(code):
        if code[i] in ends and code[i] in PAIRS:
            i = ends[i]
        elif i in ends:
            i = ends[i]
        elif code[i] in ';)}]':
            return i
        i += 1
    return i


def braces_inside(code, start, end, ends):
    """Offset of a braced initialiser with something in it, or of a capturing lambda, between start and end."""
    i = start
    while i < end:
        if code[i] == '[' and i in ends:
            captures = code[i + 1:ends[i]].strip()
            prior = code[before(code, i)]
            if not (prior.isalnum() or prior in '_)]'):  # else an index
                # References and this leave nothing to destroy twice.
                if not all(c.strip().startswith('&') or c.strip() == 'this' for c in captures.split(',')) and captures:
                    return i
                body = code.find('{', ends[i])
                i = ends.get(body, ends[i])
        elif code[i] == '{' and i in ends and code[i + 1:ends[i]].strip():
            return i
        i += 1
    return None


def findings(code):
    ends = match_braces(code)
    starts = {end: start for start, end in ends.items()}
    bodies = sorted(i for i, c in enumerate(code) if c == '{' and i in ends and is_function_body(code, starts, i))
    for found in re.finditer(r'\bco_await\b', code):
        at = found.start()
        end = expression_end(code, found.end(), ends)
        inner = braces_inside(code, found.end(), end, ends)
        if inner is not None:
            what = 'a capturing lambda' if code[inner] == '[' else 'a braced initialiser'
            yield inner, f'{what} inside a co_await expression is destroyed twice; name it first'
        if re.search(r'(&&|\|\||[^|&]\?)\s*!?\s*\(?$', code[max(0, at - 6):at]):
            yield at, 'co_await behind &&, || or ?: lays the frame out wrongly; use an if of its own'
        enclosing = [b for b in bodies if b < at < ends[b]]
        condition = re.search(r'\b(if|while|switch)\s*(constexpr\s*)?\($', code[:at].rstrip(' !(') + '(')
        if condition and enclosing:
            body = code[enclosing[-1]:ends[enclosing[-1]]]
            if not DECLARATION.search(body):
                yield at, 'co_await in a condition of a coroutine without local variables runs off its end; name the result first'


def main(paths):
    bad = 0
    for path in paths:
        with open(path, encoding='utf-8') as file:
            code = blank(file.read())
        if 'co_await' not in code:
            continue
        for offset, what in sorted(set(findings(code))):
            print(f'{path}:{code.count(chr(10), 0, offset) + 1}: {what}')
            bad += 1
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

"""workloads - the programs that are run under each tool.

Each is made here, from nothing but what a distribution installs: sources of
this folder, a repository of commits that fast-import makes up, text that is
generated. No two runs differ but for what the program itself leaves to chance.
Scale 1 takes each a second or so without a tool.
"""

import os
import random
import socket
import subprocess
import sys
import time

from place import HERE, Missing, which

# Those that the bars of bars.py are for.
REAL = ["sqlite3", "cc1plus", "clang", "git-log", "churn", "redis"]
SCRIPTS = ["py-regex", "py-html", "py-churn", "py-tree", "py-json", "py-numpy",
           "py-compileall", "py-classes"]


class Workload:
    kind = "program" # or micro, start, script
    times = 1 # runs of which the median is one measurement
    threads = 1
    cwd = drive = None
    is_python = False

    def __init__(self, name, about):
        self.name = name
        self.about = about

    def prepare(self, place):
        """Make what it needs and set argv, or raise Missing."""
        raise NotImplementedError


class Start(Workload):
    kind = "start"
    times = 11

    def prepare(self, place):
        self.argv = [which("true")]


class Micro(Workload):
    kind = "micro"

    def __init__(self, about, depth, threads=1, pairs=4000000, paths=0,
                 frames=0):
        name = f"micro-d{depth}"
        name += f"-t{threads}" if threads > 1 else ""
        name += f"-{paths}" if paths else ""
        super().__init__(name, about)
        self.depth, self.threads, self.pairs = depth, threads, pairs
        self.paths = [str(paths), str(frames)] if paths else []

    def prepare(self, place):
        program = place.path("micro")
        if not os.path.exists(program):
            place.compile("micro.c")
        pairs = max(1000, place.scaled(self.pairs))
        self.argv = [program, str(self.threads), str(self.depth), str(pairs),
                     *self.paths]


class Threads(Workload):
    threads = 1000

    def prepare(self, place):
        self.argv = [place.compile("threads.c"), str(self.threads),
                     str(place.scaled(4000))]


class Sqlite(Workload):
    def prepare(self, place):
        rows = place.scaled(120000)
        script = place.write("script.sql", f"""
create table person(id integer primary key, name text, city text, age int);
create table sale(id integer primary key, person int, what text, cents int);
with recursive n(i) as (select 1 union all select i+1 from n where i<{rows})
insert into person select i, 'person number ' || (i * 7919 % 100003),
    'city ' || (i % 997), i % 90 from n;
insert into sale select id, (id * 31) % {rows} + 1,
    printf('thing %d of %s', id % 613, city), id * 17 % 10007 from person;
create index by_city on person(city, age);
create index by_person on sale(person);
select count(*), sum(length(name)) from person where name like '%77%';
select city, count(*), avg(age) from person group by city
    order by 2 desc, 1 limit 5;
select p.city, group_concat(s.what, ', ') from person p
    join sale s on s.person = p.id where p.age < 3 group by p.city limit 5;
select upper(what), sum(cents) from sale group by upper(what)
    order by sum(cents) desc limit 5;
update sale set what = what || ' (sold)' where id % 3 = 0;
delete from person where id % 5 = 0;
""")
        self.argv = [which("sqlite3"), "-batch", "-init", script, ":memory:",
                     "select count(*) from person"]


def make_unit(count):
    """A C++ file with much of the library and `count` classes that use it."""
    heads = """algorithm array bitset chrono deque fstream functional future
        iostream list map memory numeric optional queue random regex set
        sstream string thread tuple unordered_map variant vector"""
    lines = [f"#include <{head}>" for head in heads.split()]
    for n in range(count):
        lines.append(f"""
struct thing{n} {{
    int key; std::string name; std::variant<int, std::string> value;
    bool operator<(const thing{n} &o) const {{ return key < o.key; }}
}};
std::string work{n}(const std::vector<std::string> &words)
{{
    std::map<std::string, std::vector<thing{n}>> all;
    std::unordered_map<int, std::set<thing{n}>> sets;
    for (auto &word : words) {{
        all[word].push_back(thing{n}{{{n}, word, word}});
        sets[word.size()].insert(all[word].back());
    }}
    std::ostringstream out;
    for (auto &[word, things] : all) {{
        std::sort(things.begin(), things.end());
        out << word << things.size() << sets[things.size()].size();
    }}
    return out.str();
}}""")
    return "\n".join(lines) + "\n"


class Compiler(Workload):
    """A preprocessed file is compiled, by one process."""

    def __init__(self, name, about, driver, classes):
        super().__init__(name, about)
        self.driver, self.classes = driver, classes

    def prepare(self, place):
        driver = which(self.driver)
        source = place.write(self.name + ".cpp",
                             make_unit(place.scaled(self.classes)))
        unit = place.path(self.name + ".ii")
        place.run([driver, "-std=c++17", "-E", source, "-o", unit])
        self.argv = self.command(place, driver, unit)


class Cc1plus(Compiler):
    def command(self, place, driver, unit):
        compiler = place.run([driver, "-print-prog-name=cc1plus"]).strip()
        if not os.access(compiler, os.X_OK):
            raise Missing("the C++ compiler has no cc1plus")
        return [compiler, "-quiet", "-std=c++17", "-O1", "-g",
                "-fpreprocessed", unit, "-o", place.path("unit.s")]


class Clang(Compiler):
    def command(self, place, driver, unit):
        return [driver, "-std=c++17", "-O1", "-g", "-c", unit, "-o",
                place.path("unit.o")]


class Churn(Workload):
    def prepare(self, place):
        self.argv = [place.compile("churn.cpp"), str(place.scaled(250))]


def make_history(commits, files):
    """What git fast-import makes `commits` commits of."""
    chance = random.Random(1)
    words = [f"word{n}" for n in range(2000)]
    texts = [[] for _ in range(files)]
    for n in range(1, commits + 1):
        message = f"change {n}\n\n" + " ".join(chance.choices(words, k=30))
        yield (f"commit refs/heads/main\ncommitter a <a@b> {10**9 + n} +0000\n"
               f"data {len(message)}\n{message}\n")
        for number in chance.sample(range(files), 4):
            lines = texts[number]
            at = chance.randrange(len(lines) + 1)
            lines[at:at + chance.randrange(4)] = [
                " ".join(chance.choices(words, k=8))
                for _ in range(chance.randrange(1, 12))]
            text = "\n".join(lines) + "\n"
            yield (f"M 644 inline dir{number % 13}/file{number}\n"
                   f"data {len(text)}\n{text}\n")


class Git(Workload):
    def __init__(self, name, about, commits, *arguments):
        super().__init__(name, about)
        self.commits, self.arguments = commits, arguments

    def prepare(self, place):
        git = which("git")
        self.cwd = place.path("repository")
        self.argv = [git, *self.arguments]
        if os.path.exists(self.cwd):
            return
        place.run([git, "init", "-q", "-b", "main", self.cwd])
        stream = place.write("history", "".join(
            make_history(place.scaled(self.commits), 300)))
        with open(stream) as history:
            place.run([git, "-C", self.cwd, "fast-import", "--quiet"],
                      stdin=history)


class Redis(Workload):
    """The server is measured; the client has its share of the machine."""

    def prepare(self, place):
        self.server = which("redis-server")
        self.client = which("redis-benchmark")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.argv = [self.server, "--bind", "127.0.0.1", "--port",
                     str(self.port), "--save", "", "--appendonly", "no",
                     "--daemonize", "no", "--dir", place.directory]
        self.requests = place.scaled(60000)
        self.timeout = place.options.timeout

    def connect(self):
        end = time.monotonic() + min(30, self.timeout)
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port))
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.001)

    def drive(self, place):
        with self.connect() as control:
            subprocess.run(
                [self.client, "-p", str(self.port), "-n", str(self.requests),
                 "-c", "20", "-P", "8", "-d", "100", "-r", "20000", "-q", "-t",
                 "set,get,incr,lpush,rpop,sadd,hset,zadd,mset"],
                check=True, timeout=self.timeout, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL)
            control.sendall(b"SHUTDOWN NOSAVE\r\n")


class Python(Workload):
    is_python = True

    def prepare(self, place):
        self.argv = [place.options.python, os.path.join(HERE, "texts.py"),
                     str(place.scaled(150))]


class Script(Workload):
    """One of python/, for the tools that know Python's own lines."""

    kind = "script"
    is_python = True

    def __init__(self, name, about, script, rounds, needs=None):
        super().__init__(name, about)
        self.script, self.rounds, self.needs = script, rounds, needs

    def prepare(self, place):
        python = place.options.python
        if self.needs:
            try:
                place.run([python, "-c", "import " + self.needs])
            except Missing:
                raise Missing(f"{self.needs} is not installed for "
                              + os.path.basename(python))
        self.argv = [python, os.path.join(HERE, "python", self.script),
                     str(place.scaled(self.rounds))]


def scripts():
    return [
        Script("py-regex", "re: matches, groups, substitutions", "regex.py",
               75),
        Script("py-html", "html.parser on a page", "html_parse.py", 60),
        Script("py-churn", "lists, dicts, sets and tuples come and go",
               "churn.py", 550),
        Script("py-tree", "binary trees of tuples and lists", "tree.py", 450),
        Script("py-json", "json: documents written and read", "json_text.py",
               650),
        Script("py-numpy", "numpy: temporaries, sorts, small arrays",
               "arrays.py", 450, needs="numpy"),
        Script("py-compileall", "compileall over ten modules",
               "compile_all.py", 11),
        Script("py-classes", "instances, __slots__ and dataclasses",
               "classes.py", 500),
    ]


def micros():
    about = "pairs of malloc and free, "
    return [
        Micro(about + "5 frames deep", 5),
        Micro(about + "20 frames deep", 20),
        Micro(about + "60 frames deep", 60),
        Micro(about + "2 threads", 20, threads=2, pairs=2000000),
        Micro(about + "8 threads", 20, threads=8, pairs=500000),
        Micro(about + "10 of 20 frames vary, 64 stacks", 20, pairs=2000000,
              paths=64, frames=10),
        Micro(about + "17 of 20 frames vary, 100,000 stacks", 20,
              pairs=2000000, paths=100000, frames=17),
    ]


def all_workloads():
    listed = [
        Start("true", "a program that does nothing: start-up"),
        *micros(),
        Threads("threads", "1,000 threads, of which 4 work at a time"),
        Sqlite("sqlite3", "fills and queries a database in memory"),
        Cc1plus("cc1plus", "GCC's C++ compiler on a large file", "c++", 5),
        Clang("clang", "clang on a large C++ file", "clang++", 5),
        Git("git-log", "git log --stat of 3,000 commits", 3000,
            "log", "--stat", "-p"),
        Git("git-pack", "git packs them anew", 3000, "pack-objects", "--all",
            "--no-reuse-delta", "--threads=1", "--stdout", "-q"),
        Churn("churn", "std::map and std::string, filled and thinned"),
        Redis("redis", "redis-server under redis-benchmark on loopback"),
        Python("python", "JSON, regular expressions and text in Python"),
        *scripts(),
    ]
    return {workload.name: workload for workload in listed}

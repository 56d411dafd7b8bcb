/*
 * python_test - see python_test.h.
 *
 * The program makes no reference cycle but that of its globals, which is cut:
 * it must not be found by a collection of the traced program's.
 */
#include "preload/python_test.h"
#include "preload/memory.h"
#include "preload/python_api.h"
#include "preload/python_frames.h"

#include <pthread.h>
#include <string.h>

/* Names of characters of one byte that are no ASCII, and of two. */

#define GEN_UTF8 "g\303\251n"
#define WIDE_UTF8 "m\305\241"

/*
 * Code is given these names afterwards. Source that holds them would have
 * Python import a module to normalize them, and whoever is being imported
 * meanwhile would fail: up to 3.11 importlib does not bear that.
 */
static const char program[] =
	"def outer(f):\n"
	"    def gen():\n"
	"        yield f()\n"
	"    return next(named(gen, 'g\\xe9n')())\n"
	"def k():\n"
	"    def wide():\n"
	"        return (lambda:\n"
	"            outer(probe))()\n"
	"    return named(wide, 'm\\u0161')()\n"
	"def named(f, name):\n"
	"    code, names = f.__code__, {'co_name': name}\n"
	"    if hasattr(code, 'co_qualname'):\n"
	"        names['co_qualname'] = code.co_qualname.replace(\n"
	"            code.co_name, name)\n"
	"    f.__code__ = code.replace(**names)\n"
	"    return f\n"
	"sorted([1], key=lambda _:\n"
	"    k())\n";

/* A frame of it, from the innermost outwards. */
struct expected {
	const char *name, *qualname; /* UTF-8 */
	int first_line, line;
	bool is_entry;
	bool is_generator;
};

static const struct expected frames[] = {
	{ GEN_UTF8, "outer.<locals>." GEN_UTF8, 2, 3, true, true },
	{ "outer", "outer", 1, 4, false, false },
	{ "<lambda>", "k.<locals>.wide.<locals>.<lambda>", 7, 8, false, false },
	{ WIDE_UTF8, "k.<locals>." WIDE_UTF8, 6, 7, false, false },
	{ "k", "k", 5, 9, false, false },
	{ "<lambda>", "<lambda>", 17, 18, true, false },
	{ "<module>", "<module>", 1, 17, true, false },
};

enum {
	FRAMES = sizeof(frames) / sizeof(*frames),
	FRAMES_MAX = 10000, /* of the program's own, outside of ours */
};

static struct {
	const struct python_table *table;
	bool passed;
	int resume; /* the instruction that is traced first; -1 not known yet */
	unsigned int starts; /* which numbers it has: a bit for each */
} test;

static bool load(uintptr_t addr, uintptr_t *value)
{
	return python_frames_load_checked(addr, value);
}

static bool is_of_type(uintptr_t object, const void *type)
{
	uintptr_t has;

	return load(object, &has) && load(object + PYTHON_TYPE, &has) &&
	       has == (uintptr_t)type;
}

/* The next character of UTF-8, of two bytes at most. */
static uint32_t next_character(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;

	*text += at[0] < 0x80 ? 1 : 2;
	return at[0] < 0x80 ? at[0]
			    : (uint32_t)(at[0] & 0x1f) << 6 | (at[1] & 0x3f);
}

static uint32_t character_of(const struct python_text *text, uint32_t i)
{
	const uint8_t *at = (const uint8_t *)text->data + i * text->width;
	uint32_t c = 0;

	memcpy(&c, at, text->width);
	return c;
}

/* Is the str at `offset` of the code what it should be? */
static bool text_is(uintptr_t code, uint16_t offset, const char *expected)
{
	const uintptr_t page = 4096;
	struct python_text text;
	uintptr_t str, last;
	uint32_t i = 0;

	if (!load(code + offset, &str) ||
	    !is_of_type(str, python_api.PyUnicode_Type) ||
	    !load(str + test.table->text.compact, &last))
		return false;
	text = python_table_text(test.table, str);
	if (!text.data || (size_t)text.count * text.width > page)
		return false;
	last = (uintptr_t)text.data + (size_t)text.count * text.width;
	if (!memory_is_readable((uintptr_t)text.data) ||
	    !memory_is_readable(last & ~(uintptr_t)7))
		return false;
	while (*expected && i < text.count &&
	       character_of(&text, i) == next_character(&expected))
		i++;
	return !*expected && i == text.count;
}

/* The attribute is an int of this value. */
static bool number_is(void *object, const char *name, long expected)
{
	void *number = python_api.PyObject_GetAttrString(object, name);
	bool same = number && python_api.PyLong_AsLong(number) == expected;

	if (number)
		python_api.Py_DecRef(number);
	return same;
}

/* The attribute is the very object that lies there. */
static bool object_is(void *object, const char *name, uintptr_t expected)
{
	void *found = python_api.PyObject_GetAttrString(object, name);
	bool same = (uintptr_t)found == expected;

	if (found)
		python_api.Py_DecRef(found);
	return found && same;
}

static bool read_int(uintptr_t addr, uint32_t *value)
{
	uintptr_t word;

	if (!load(addr, &word))
		return false;
	*value = (uint32_t)word;
	return true;
}

/* Where tracing begins there is one and the same instruction in all code. */
static bool start_is_right(uintptr_t code)
{
	uint32_t start;
	void *bytes;
	int opcode;

	if (!test.table->code.traceable)
		return true;
	if (!read_int(code + test.table->code.traceable, &start) || start > 16)
		return false;
	bytes = python_api.PyObject_GetAttrString((void *)code, "co_code");
	if (!bytes)
		return false;
	opcode = (unsigned char)python_api.PyBytes_AsString(bytes)[2 * start];
	python_api.Py_DecRef(bytes);
	if (test.resume < 0)
		test.resume = opcode;
	test.starts |= 1U << start;
	return opcode == test.resume;
}

static bool lines_are_right(uintptr_t code)
{
	const char *name = test.table->form == RING_CODE_LNOTAB
				   ? "co_lnotab"
				   : "co_linetable";
	uintptr_t lines;

	return load(code + test.table->code.lines, &lines) &&
	       is_of_type(lines, python_api.PyBytes_Type) &&
	       object_is((void *)code, name, lines);
}

static bool code_is_right(uintptr_t code, const struct expected *e)
{
	const struct python_table *t = test.table;
	uint32_t first_line;

	return text_is(code, t->code.file, "<memprof>") &&
	       text_is(code, t->code.name, e->name) &&
	       (!t->code.qualname ||
		text_is(code, t->code.qualname, e->qualname)) &&
	       read_int(code + t->code.first_line, &first_line) &&
	       first_line == (uint32_t)e->first_line && lines_are_right(code) &&
	       start_is_right(code);
}

static bool marks_are_right(uint64_t marks, const struct expected *e)
{
	if (test.table->entry == PYTHON_ENTRY_ALL)
		return marks == RING_FRAME_ENTRY;
	return marks == ((e->is_entry ? RING_FRAME_ENTRY : 0) |
			 (e->is_generator ? RING_FRAME_GENERATOR : 0));
}

/* Python hides frames that have not begun. */
static bool is_hidden(const struct python_view *v)
{
	uint32_t start;

	if (!v->code)
		return true;
	if (!test.table->code.traceable || v->marks & RING_FRAME_GENERATOR)
		return false;
	return read_int(v->code + test.table->code.traceable, &start) &&
	       python_table_instruction(test.table, v->code, v->at) <
		       (int64_t)start;
}

/* The frame that we see and the interpreter's own are the same. */
static bool frame_is_right(const struct python_view *v, void *frame,
			   const struct expected *e)
{
	int64_t at;

	if (!is_of_type(v->code, python_api.PyCode_Type) ||
	    !object_is(frame, "f_code", v->code))
		return false;
	at = python_table_instruction(test.table, v->code, v->at);
	if (!number_is(frame, "f_lasti", (long)(at < 0 ? -1 : 2 * at)))
		return false;
	return !e ||
	       (code_is_right(v->code, e) && marks_are_right(v->marks, e) &&
		python_api.PyCode_Addr2Line((void *)v->code, (int)(2 * at)) ==
			e->line);
}

/* Gives the frame outside of `frame`, which is let go; NULL none. */
static void *go_back(void *frame)
{
	void *back = python_api.PyObject_GetAttrString(frame, "f_back");

	python_api.Py_DecRef(frame);
	if (back == python_api._Py_NoneStruct) {
		python_api.Py_DecRef(back);
		back = NULL;
	}
	return back;
}

static bool chain_is_right(uintptr_t next)
{
	void *frame = python_api.PyEval_GetFrame();
	struct python_view v;
	int i = 0;

	python_api.Py_IncRef(frame);
	while (next && frame && i < FRAMES_MAX) {
		if (!python_frames_step(test.table, test.table->entry, load,
					&next, &v))
			break;
		if (i >= FRAMES && is_hidden(&v))
			continue;
		if (!frame_is_right(&v, frame, i < FRAMES ? &frames[i] : NULL))
			break;
		frame = go_back(frame);
		i++;
		if (!frame)
			return i >= FRAMES;
	}
	if (frame)
		python_api.Py_DecRef(frame);
	return i == FRAMES_MAX;
}

/* The program's innermost call. */
static void *probe(void *self, void *args)
{
	uintptr_t state = (uintptr_t)python_api.current_state();
	uintptr_t first, thread;

	(void)self;
	(void)args;
	test.passed = python_frames_first(test.table, state, load, &first) &&
		      load(state + test.table->state.thread, &thread) &&
		      thread == (uintptr_t)pthread_self() &&
		      chain_is_right(first) &&
		      (!test.table->code.traceable ||
		       (test.starts & 1 && test.starts != 1));
	python_api.PyErr_Clear();
	python_api.Py_IncRef(python_api._Py_NoneStruct);
	return python_api._Py_NoneStruct;
}

static struct python_method method = { .name = "probe",
				       .function = probe,
				       .flags = PYTHON_NOARGS };

static void run(void *globals, void *function)
{
	void *code = python_api.Py_CompileString(program, "<memprof>",
						 PYTHON_FILE_INPUT);
	void *result;

	if (!code)
		return;
	if (!python_api.PyDict_SetItemString(globals, "__builtins__",
					     python_api.PyEval_GetBuiltins()) &&
	    !python_api.PyDict_SetItemString(globals, "probe", function)) {
		result = python_api.PyEval_EvalCode(code, globals, globals);
		if (result)
			python_api.Py_DecRef(result);
	}
	python_api.Py_DecRef(code);
}

/* Unseen by functions that trace the program, where that can be (3.11 on). */
static void run_untraced(void *globals, void *function)
{
	void *state = python_api.current_state();
	bool can = python_api.PyThreadState_EnterTracing &&
		   python_api.PyThreadState_LeaveTracing;

	if (can)
		python_api.PyThreadState_EnterTracing(state);
	run(globals, function);
	if (can)
		python_api.PyThreadState_LeaveTracing(state);
}

/* No memory, or the program is at the limit of its recursion. */
static bool is_own_error(void)
{
	return python_api.PyErr_ExceptionMatches(
		       *(void **)python_api.PyExc_MemoryError) ||
	       python_api.PyErr_ExceptionMatches(
		       *(void **)python_api.PyExc_RecursionError);
}

bool python_test(const struct python_table *table)
{
	void *type, *value, *trace;
	void *globals = python_api.PyDict_New();
	void *function = python_api.PyCFunction_NewEx(&method, NULL, NULL);

	test.table = table;
	test.passed = false;
	test.resume = -1;
	test.starts = 0;
	if (globals && function)
		run_untraced(globals, function);
	if (is_own_error())
		python_api.PyErr_Clear();
	python_api.PyErr_Fetch(&type, &value, &trace);
	if (globals) {
		python_api.PyDict_Clear(globals);
		python_api.Py_DecRef(globals);
	}
	if (function)
		python_api.Py_DecRef(function);
	python_api.PyErr_Restore(type, value, trace);
	return test.passed;
}

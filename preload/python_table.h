/*
 * python_table - where the interpreter keeps what is read of it.
 *
 * CPython's thread states, frames and code objects are no interface: they
 * differ between minor versions, and are the same within one. So there is a
 * table for each, and python_test.h has it prove itself before it is used.
 *
 * A chain of frames goes from the innermost outwards:
 *
 *	3.8 to 3.10	every frame has a native evaluation loop of its own
 *	3.11		frames that a loop was entered with are marked
 *	3.12 and later	each loop pushes a shim first, which is no frame
 */
#ifndef MEMPROF_PRELOAD_PYTHON_TABLE_H
#define MEMPROF_PRELOAD_PYTHON_TABLE_H

#include "trace/ring.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum python_entry {
	PYTHON_ENTRY_ALL,
	PYTHON_ENTRY_MARKED,
	PYTHON_ENTRY_SHIM,
};

enum python_unit {
	PYTHON_UNIT_BYTE, /* a number of bytes, an int */
	PYTHON_UNIT_WORD, /* a number of instructions, an int */
	PYTHON_UNIT_POINTER, /* to the instruction */
};

/* Offsets in bytes; 0: there is no such thing. */
struct python_table {
	uint8_t minor; /* of the version: 3.minor */
	uint8_t entry; /* enum python_entry */
	uint8_t unit; /* enum python_unit, of `at` */
	uint8_t form; /* enum ring_code_form */
	/* In _PyRuntime, an int: pending calls are refused, with a message. */
	uint16_t finishing;
	struct {
		uint16_t indirect; /* a pointer, behind which is `frame` */
		uint16_t frame;
		uint16_t thread; /* as pthread_self() */
	} state;
	struct {
		uint16_t previous, code, at, owner, is_entry;
	} frame;
	struct {
		uint16_t file, name, qualname;
		uint16_t first_line, lines;
		uint16_t bytes; /* its instructions begin */
		uint16_t traceable; /* number of the first that is traced */
	} code;
	struct {
		uint16_t ascii, compact; /* where the characters are */
	} text;
};

/* What is the same in all of them. */
enum {
	PYTHON_TYPE = 8, /* of an object */
	PYTHON_TYPE_NAME = 24,
	PYTHON_TYPE_DEALLOC = 48,
	PYTHON_TEXT_LENGTH = 16,
	PYTHON_TEXT_STATE = 32,
	PYTHON_BYTES_SIZE = 16,
	PYTHON_BYTES_DATA = 32,
	PYTHON_OWNER_GENERATOR = 1,
	PYTHON_OWNER_SHIM = 3, /* and higher */
};

/* NULL: none for that version. */
const struct python_table *python_table_find(unsigned int minor);

struct python_text {
	const void *data;
	uint32_t count; /* characters */
	uint32_t width; /* bytes of each */
};

/* Of a str, which stays where it is while the object lives. */
struct python_text python_table_text(const struct python_table *table,
				     uintptr_t str);

/*
 * The number of an instruction, counted from 0; -1 none has begun. `at` is what
 * the frame says.
 */
int64_t python_table_instruction(const struct python_table *table,
				 uintptr_t code, uintptr_t at);

#endif

/*
 * python_api - the functions and types of the interpreter that are called.
 *
 * Declared here, since no header of Python's is: one agent serves them all.
 * What a call needs (the GIL, a thread state) is said where it is made. None
 * of these may be called while recording but those that say so.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_API_H
#define MEMPROF_PRELOAD_PYTHON_API_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>

enum python_domain {
	PYTHON_RAW,
	PYTHON_MEM,
	PYTHON_OBJ,
};

/* PyMemAllocatorEx */
struct python_allocator {
	void *ctx;
	void *(*malloc)(void *ctx, size_t size);
	void *(*calloc)(void *ctx, size_t count, size_t size);
	void *(*realloc)(void *ctx, void *old, size_t size);
	void (*free)(void *ctx, void *p);
};

/* PyMethodDef */
struct python_method {
	const char *name;
	void *(*function)(void *self, void *args);
	int flags;
	const char *doc;
};

enum {
	PYTHON_NOARGS = 4, /* METH_NOARGS */
	PYTHON_VARARGS = 1, /* METH_VARARGS */
	PYTHON_FILE_INPUT = 257, /* Py_file_input */
};

struct python_api {
	/* Any time after loading; of no effect on anything. */
	const char *(*Py_GetVersion)(void);
	int (*Py_IsInitialized)(void);
	/* While recording too: no locks, no memory. */
	void *(*PyGILState_GetThisThreadState)(void);
	void *(*current_state)(void); /* of who holds the GIL, or of us */
	int (*is_finalizing)(void);

	int (*Py_AddPendingCall)(int (*)(void *), void *);
	void (*PyMem_GetAllocator)(int, struct python_allocator *);
	void (*PyMem_SetAllocator)(int, struct python_allocator *);

	/* The rest with the GIL. */
	void (*PyErr_Fetch)(void **, void **, void **);
	void (*PyErr_Restore)(void *, void *, void *);
	void (*PyErr_Clear)(void);
	int (*PyErr_ExceptionMatches)(void *);
	void (*Py_IncRef)(void *);
	void (*Py_DecRef)(void *);
	void *(*PyDict_New)(void);
	void (*PyDict_Clear)(void *);
	int (*PyDict_SetItemString)(void *, const char *, void *);
	void *(*PyDict_GetItemString)(void *, const char *);
	int (*PyDict_Next)(void *, long *, void **, void **);
	void *(*PyEval_GetBuiltins)(void);
	void *(*PyEval_EvalCode)(void *, void *, void *);
	void *(*PyEval_GetFrame)(void);
	void *(*Py_CompileString)(const char *, const char *, int);
	void *(*PyCFunction_NewEx)(struct python_method *, void *, void *);
	void *(*PyObject_GetAttrString)(void *, const char *);
	int (*PyCode_Addr2Line)(void *, int);
	long (*PyLong_AsLong)(void *);
	char *(*PyBytes_AsString)(void *);
	void *(*PyInit_gc)(void);
	void *(*PyModule_New)(const char *);
	int (*PyModule_AddStringConstant)(void *, const char *, const char *);
	void *(*PyModule_FromDefAndSpec2)(void *, void *, int);
	int (*PyModule_ExecDef)(void *, void *);
	int (*PyList_Append)(void *, void *);
	int (*PyArg_ParseTuple)(void *, const char *, ...);

	void *PyModuleDef_Type, *PyCode_Type, *PyUnicode_Type, *PyBytes_Type;
	void *PyExc_MemoryError, *PyExc_RecursionError; /* pointers to them */
	void *_Py_NoneStruct;
	void *_PyEval_EvalFrameDefault;
	void *_PyRuntime;
	/* Not there in all versions: NULL. */
	void (*PyThreadState_EnterTracing)(void *); /* with the GIL */
	void (*PyThreadState_LeaveTracing)(void *);
	void *(*PyInterpreterState_Head)(void);
	void *(*PyInterpreterState_Next)(void *);
};

extern struct python_api python_api;

/* Fill it. False when something is not there. */
bool python_api_find(const struct link_map *map);

#endif

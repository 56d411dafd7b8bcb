/*
 * Design
 * ------
 * Rules are rows of a table, so that adding one needs no code. A name is
 * matched without its parameters and without a return type, so "std::*" means
 * what is in namespace std, not what returns something of it.
 *
 * Where the file is known, a rule on a namespace does not apply: the file says
 * better who wrote the code. A std::hash specialised by the user is his.
 * A lambda given to std::sort has the user's file and the user's name.
 *
 * Rows are conservative: a frame skipped in error hides the line that a user
 * looks for, one not skipped costs him a --skip.
 */
#include "analyzer/places.h"

#include <string.h>

enum subject {
	MODULE, /* last part of its path */
	SOURCE, /* file */
	FUNCTION,
	NAMESPACE, /* function, where the file is not known */
};

static const struct rule {
	enum subject subject;
	enum demangle_language language; /* PLAIN: any */
	const char *pattern;
} rules[] = {
	/* The C library: strdup, getline and fopen work for their callers. */
	{ MODULE, DEMANGLE_PLAIN, "libc.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libc-2.*" },
	{ MODULE, DEMANGLE_PLAIN, "libm.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libmvec.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libdl.so*" },
	{ MODULE, DEMANGLE_PLAIN, "librt.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libpthread.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libpthread-2.*" },
	{ MODULE, DEMANGLE_PLAIN, "libresolv.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libnss_*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libanl.so*" },
	{ MODULE, DEMANGLE_PLAIN, "ld-linux*" },
	{ MODULE, DEMANGLE_PLAIN, "ld-2.*" },
	{ MODULE, DEMANGLE_PLAIN, "ld-musl-*" },

	/* Runtimes of languages. */
	{ MODULE, DEMANGLE_PLAIN, "libstdc++.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libc++.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libc++abi.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libsupc++.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libgcc_s.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libunwind.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libstd-*.so" }, /* Rust's */
	{ MODULE, DEMANGLE_PLAIN, "libdruntime-*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libgdruntime.so*" },

	/* Allocators. */
	{ MODULE, DEMANGLE_PLAIN, "libjemalloc.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libtcmalloc*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libmimalloc*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "librpmalloc*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libsnmalloc*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libtbbmalloc*.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libhoard.so*" },
	{ MODULE, DEMANGLE_PLAIN, "libasan.so*" },

	/* Headers of the C++ library: GNU's, LLVM's, and GNU's own sources. */
	{ SOURCE, DEMANGLE_PLAIN, "*/include/c++/*" },
	{ SOURCE, DEMANGLE_PLAIN, "*/libstdc++-v3/*" },
	{ SOURCE, DEMANGLE_PLAIN, "*/libcxx/*" },
	{ SOURCE, DEMANGLE_PLAIN, "*/libcxxabi/*" },

	/* Rust's library as distributed, as rust-src, and its own crates. */
	{ SOURCE, DEMANGLE_PLAIN, "/rustc/*/library/*" },
	{ SOURCE, DEMANGLE_PLAIN, "/usr/src/rustc-*/library/*" },
	{ SOURCE, DEMANGLE_PLAIN, "*/rustlib/src/rust/library/*" },
	{ SOURCE, DEMANGLE_PLAIN, "/rust/deps/*" },

	/* The C library linked in with debug information. */
	{ SOURCE, DEMANGLE_PLAIN, "./malloc/*.c" },

	/* Ways into an allocator, wherever it was linked to. */
	{ FUNCTION, DEMANGLE_PLAIN, "malloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "calloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "realloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "reallocarray" },
	{ FUNCTION, DEMANGLE_PLAIN, "reallocf" },
	{ FUNCTION, DEMANGLE_PLAIN, "aligned_alloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "posix_memalign" },
	{ FUNCTION, DEMANGLE_PLAIN, "memalign" },
	{ FUNCTION, DEMANGLE_PLAIN, "valloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "pvalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "mmap" },
	{ FUNCTION, DEMANGLE_PLAIN, "mmap64" },
	{ FUNCTION, DEMANGLE_PLAIN, "mremap" },
	{ FUNCTION, DEMANGLE_PLAIN, "sbrk" },
	{ FUNCTION, DEMANGLE_PLAIN, "brk" },
	{ FUNCTION, DEMANGLE_PLAIN, "memprof_alloc" },
	{ FUNCTION, DEMANGLE_CXX, "operator new" },
	{ FUNCTION, DEMANGLE_CXX, "operator new[]" },
	{ FUNCTION, DEMANGLE_PLAIN, "je_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_rjem_*" },
	{ FUNCTION, DEMANGLE_PLAIN, "mi_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "mi_new*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_mi_*" },
	{ FUNCTION, DEMANGLE_PLAIN, "tc_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "tc_new*" },
	{ FUNCTION, DEMANGLE_CXX, "tcmalloc::*" },
	{ FUNCTION, DEMANGLE_CXX, "absl::base_internal::LowLevelAlloc::*" },

	/* The C++ runtime linked in. */
	{ FUNCTION, DEMANGLE_CXX, "__cxxabiv1::*" },
	{ FUNCTION, DEMANGLE_PLAIN, "__cxa_allocate_exception" },
	{ FUNCTION, DEMANGLE_PLAIN, "__cxa_thread_atexit*" },
	{ FUNCTION, DEMANGLE_PLAIN, "__cxa_get_globals" },
	{ NAMESPACE, DEMANGLE_CXX, "std::*" },
	{ NAMESPACE, DEMANGLE_CXX, "__gnu_cxx::*" },

	/* Rust. */
	{ FUNCTION, DEMANGLE_PLAIN, "__rust_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "__rdl_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "__rg_*alloc*" },
	{ FUNCTION, DEMANGLE_RUST, "__rustc::*" },
	{ NAMESPACE, DEMANGLE_RUST, "alloc::*" },
	{ NAMESPACE, DEMANGLE_RUST, "core::*" },
	{ NAMESPACE, DEMANGLE_RUST, "std::*" },
	{ NAMESPACE, DEMANGLE_RUST, "hashbrown::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<alloc::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<core::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<std::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<hashbrown::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<&* as core::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<&* as alloc::*" },
	{ NAMESPACE, DEMANGLE_RUST, "<str as *" },
	{ NAMESPACE, DEMANGLE_RUST, "<[*] as *" },

	/* D's garbage collector and array primitives. */
	{ FUNCTION, DEMANGLE_PLAIN, "gc_*alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_d_new*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_d_array*" },
	{ FUNCTION, DEMANGLE_D, "core.memory.*" },
	{ FUNCTION, DEMANGLE_D, "core.internal.gc.*" },

	/* GLib: allocation only, its containers are places. */
	{ FUNCTION, DEMANGLE_PLAIN, "g_malloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_try_malloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_realloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_try_realloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_aligned_alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_slice_alloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_slice_copy" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_memdup*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_strdup*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_strndup" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_strconcat" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_strjoin*" },
	{ FUNCTION, DEMANGLE_PLAIN, "g_vasprintf" },

	/* Names that projects give to an allocation that can not fail. */
	{ FUNCTION, DEMANGLE_PLAIN, "xmalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xmallocz" },
	{ FUNCTION, DEMANGLE_PLAIN, "xmallocarray" },
	{ FUNCTION, DEMANGLE_PLAIN, "xzalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xcalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xrealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xreallocarray" },
	{ FUNCTION, DEMANGLE_PLAIN, "xnmalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xnrealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "x2realloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "x2nrealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xpalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "ximalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xicalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xirealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xcharalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "xstrdup" },
	{ FUNCTION, DEMANGLE_PLAIN, "xstrndup" },
	{ FUNCTION, DEMANGLE_PLAIN, "xmemdup*" },
	{ FUNCTION, DEMANGLE_PLAIN, "xasprintf" },
	{ FUNCTION, DEMANGLE_PLAIN, "xvasprintf" },
	{ FUNCTION, DEMANGLE_PLAIN, "do_xmalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "emalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "ecalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "erealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "estrdup" },

	/* Obstacks, as glibc, gcc and binutils have them, and objalloc. */
	{ FUNCTION, DEMANGLE_PLAIN, "_obstack_begin*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_obstack_newchunk" },
	{ FUNCTION, DEMANGLE_PLAIN, "_objalloc_alloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "objalloc_create" },

	/* Redis and its kin. */
	{ FUNCTION, DEMANGLE_PLAIN, "zmalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "zcalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "zrealloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "ztrymalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "ztrycalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "ztryrealloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "zstrdup" },

	/* SQLite. */
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3MemMalloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3MemRealloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "mallocWithAlarm" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3Malloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3_malloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3Realloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3_realloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3DbMalloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3DbRealloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3DbStrDup" },
	{ FUNCTION, DEMANGLE_PLAIN, "sqlite3DbStrNDup" },
	{ FUNCTION, DEMANGLE_PLAIN, "dbMallocRawFinish" },
	{ FUNCTION, DEMANGLE_PLAIN, "dbReallocFinish" },

	/* CPython. */
	{ FUNCTION, DEMANGLE_PLAIN, "PyMem_*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyMem_*" },
	{ FUNCTION, DEMANGLE_PLAIN, "PyObject_Malloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "PyObject_Calloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "PyObject_Realloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_Malloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_Calloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_Realloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_New*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_GC_New*" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyObject_GC_Resize" },
	{ FUNCTION, DEMANGLE_PLAIN, "_PyType_AllocNoTrack" },
	{ FUNCTION, DEMANGLE_PLAIN, "PyType_GenericAlloc" },

	/* Perl. */
	{ FUNCTION, DEMANGLE_PLAIN, "Perl_safesys*alloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "Perl_savepv*" },

	/* OpenSSL, FFmpeg, SDL. */
	{ FUNCTION, DEMANGLE_PLAIN, "CRYPTO_*alloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "CRYPTO_strdup" },
	{ FUNCTION, DEMANGLE_PLAIN, "CRYPTO_strndup" },
	{ FUNCTION, DEMANGLE_PLAIN, "CRYPTO_memdup" },
	{ FUNCTION, DEMANGLE_PLAIN, "av_malloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "av_realloc*" },
	{ FUNCTION, DEMANGLE_PLAIN, "av_calloc" },
	{ FUNCTION, DEMANGLE_PLAIN, "av_strdup" },
	{ FUNCTION, DEMANGLE_PLAIN, "SDL_*alloc_REAL" },
	{ FUNCTION, DEMANGLE_PLAIN, "SDL_*alloc" },
};

/*
 * Greedy with one point of return, the last star: linear in practice and never
 * worse than the product of the lengths.
 */
bool places_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			resume = text;
		} else if (*pattern == '?' || *pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

bool places_is_wrapper_module(const char *path)
{
	const char *module = last_part(path);

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].subject == MODULE &&
		    places_matches(rules[i].pattern, module))
			return true;
	return false;
}

static const char *subject_of(const struct places_code *code,
			      enum subject subject, const char *module)
{
	switch (subject) {
	case MODULE:
		return module;
	case SOURCE:
		return code->file;
	case FUNCTION:
		return code->function.plain;
	case NAMESPACE:
		return code->file ? NULL : code->function.plain;
	}
	return NULL;
}

static bool is_skipped(const struct places_code *code, const char *const *skip,
		       size_t skips)
{
	if (!code->function.plain)
		return false;
	for (size_t i = 0; i < skips; i++)
		if (places_matches(skip[i], code->function.plain) ||
		    places_matches(skip[i], code->function.full))
			return true;
	return false;
}

bool places_is_skipped(const char *function, const char *const *skip,
		       size_t skips)
{
	const struct places_code code = { .function = { .full = function,
							.plain = function } };

	return is_skipped(&code, skip, skips);
}

bool places_is_wrapper(const struct places_code *code, const char *const *skip,
		       size_t skips)
{
	const char *module = last_part(code->module);
	const char *text;

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *r = &rules[i];

		text = subject_of(code, r->subject, module);
		if (!text || (r->language != DEMANGLE_PLAIN &&
			      r->language != code->function.language))
			continue;
		if (places_matches(r->pattern, text))
			return true;
	}
	return is_skipped(code, skip, skips);
}

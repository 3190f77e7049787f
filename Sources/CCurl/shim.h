// What is used of libcurl's binary interface (soname libcurl.so.4), which has been stable since 2006.
//
// libcurl is loaded when a remote registry is opened, so that there is nothing to link, no header to install, and
// no start-up cost for a run that needs no network.

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    curl_global_default = 3,
    openssl_init_no_atexit = 0x80000,

    // Options of a transfer: 0 + n takes a long, 10000 + n a pointer, 20000 + n a function.
    curl_opt_write_data = 10001,
    curl_opt_url = 10002,
    curl_opt_proxy = 10004,
    curl_opt_read_data = 10009,
    curl_opt_error_buffer = 10010,
    curl_opt_write_function = 20011,
    curl_opt_read_function = 20012,
    curl_opt_user_agent = 10018,
    curl_opt_http_header = 10023,
    curl_opt_client_certificate = 10025,
    curl_opt_header_data = 10029,
    curl_opt_custom_request = 10036,
    curl_opt_post = 47,
    curl_opt_post_field_size = 60,
    curl_opt_verify_peer = 64,
    curl_opt_ca_file = 10065,
    curl_opt_header_function = 20079,
    curl_opt_verify_host = 81,
    curl_opt_ca_folder = 10097,
    curl_opt_no_signal = 99,
    curl_opt_accept_encoding = 10102,
    curl_opt_socket_function = 20148,
    curl_opt_socket_data = 10149,
    curl_opt_timeout_ms = 155,
    curl_opt_connect_timeout_ms = 156,
    curl_opt_protocols = 181,
    curl_opt_close_socket_function = 20208,
    curl_opt_close_socket_data = 10209,
    curl_opt_suppress_connect_headers = 265,
    curl_opt_fresh_connect = 74,
    curl_opt_quick_exit = 322,
    curl_opt_idle_seconds = 288,

    curl_protocols_http_and_https = 3,

    // What can be asked of a transfer that has ended.
    curl_info_status = 0x200002,
    curl_info_request_size = 0x20000C,
    curl_info_connect_code = 0x200016,
    curl_info_errno = 0x200019,

    // How a transfer ended.
    curl_ok = 0,
    curl_could_not_resolve_proxy = 5,
    curl_could_not_resolve_host = 6,
    curl_could_not_connect = 7,
    curl_http2_failed = 16,
    curl_partial_answer = 18,
    curl_out_of_memory = 27,
    curl_timed_out = 28,
    curl_tls_handshake_failed = 35,
    curl_got_nothing = 52,
    curl_send_failed = 55,
    curl_receive_failed = 56,
    curl_client_certificate_unusable = 58,
    curl_cipher_unusable = 59,
    curl_certificate_refused = 60,
    curl_rewind_refused = 65,
    curl_ca_file_unusable = 77,
    curl_crl_unusable = 82,
    curl_issuer_refused = 83,
    curl_pinned_key_refused = 90,
    curl_certificate_status_refused = 91,
    curl_http2_stream_failed = 92,
    curl_proxy_failed = 97,
    curl_too_large = 100,
};

/// A message of `curl_multi_info_read`; the only kind that there is says that a transfer has ended.
struct curl_message {
    int kind;
    void *transfer;
    union {
        void *unused;
        int result;
    } data;
};

/// The calls, at the addresses where they were found.
struct curl_calls {
    int (*global_init)(long flags);
    void *(*easy_init)(void);
    void (*easy_cleanup)(void *transfer);
    int (*easy_setopt)(void *transfer, int option, ...);
    int (*easy_getinfo)(void *transfer, int info, ...);
    const char *(*easy_strerror)(int result);
    void *(*slist_append)(void *list, const char *line);
    void (*slist_free_all)(void *list);
    void *(*multi_init)(void);
    int (*multi_cleanup)(void *multi);
    int (*multi_add_handle)(void *multi, void *transfer);
    int (*multi_remove_handle)(void *multi, void *transfer);
    int (*multi_perform)(void *multi, int *running);
    int (*multi_poll)(void *multi, void *others, unsigned int other_count, int milliseconds, int *ready);
    int (*multi_wakeup)(void *multi);
    struct curl_message *(*multi_info_read)(void *multi, int *left);
};

/// Finds all calls, and makes the library ready.
///
/// The library may be built for one TLS library or another; its interface is the same.
static inline bool curl_load(struct curl_calls *calls) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4"};
    void *library = NULL;
    for (size_t i = 0; library == NULL && i < sizeof names / sizeof *names; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (library == NULL) return false;
#define curl_find(call) ((*(void **)&calls->call = dlsym(library, "curl_" #call)) != NULL)
    bool is_whole = curl_find(global_init) && curl_find(easy_init) && curl_find(easy_cleanup) &&
        curl_find(easy_setopt) && curl_find(easy_getinfo) && curl_find(easy_strerror) &&
        curl_find(slist_append) && curl_find(slist_free_all) && curl_find(multi_init) &&
        curl_find(multi_cleanup) && curl_find(multi_add_handle) && curl_find(multi_remove_handle) &&
        curl_find(multi_perform) && curl_find(multi_poll) && curl_find(multi_wakeup) &&
        curl_find(multi_info_read);
#undef curl_find
    if (!is_whole) return false;
    // OpenSSL would tear itself down when the program exits, under a request that may be under way on its thread.
    int (*init_crypto)(unsigned long long options, const void *settings);
    *(void **)&init_crypto = dlsym(library, "OPENSSL_init_crypto");
    if (init_crypto != NULL) init_crypto(openssl_init_no_atexit, NULL);
    return calls->global_init(curl_global_default) == curl_ok;
}

// Swift can make no calls with variable arguments, so these are made here.

static inline int curl_set_long(const struct curl_calls *calls, void *transfer, int option, long value) {
    return calls->easy_setopt(transfer, option, value);
}

static inline int curl_set_pointer(
    const struct curl_calls *calls, void *transfer, int option, const void *value) {
    return calls->easy_setopt(transfer, option, value);
}

static inline int curl_set_data_function(
    const struct curl_calls *calls, void *transfer, int option,
    size_t (*function)(char *data, size_t size, size_t count, void *context)) {
    return calls->easy_setopt(transfer, option, function);
}

static inline int curl_set_socket_function(
    const struct curl_calls *calls, void *transfer, int option,
    int (*function)(void *context, int socket, int purpose)) {
    return calls->easy_setopt(transfer, option, function);
}

static inline int curl_set_close_function(
    const struct curl_calls *calls, void *transfer, int option, int (*function)(void *context, int socket)) {
    return calls->easy_setopt(transfer, option, function);
}

/// What zlib, which libcurl itself uses, works on. Its binary interface has been stable since 1995.
struct curl_zlib_stream {
    const unsigned char *next_in;
    unsigned int available_in;
    unsigned long total_in;
    unsigned char *next_out;
    unsigned int available_out;
    unsigned long total_out;
    const char *message;
    void *state;
    void *allocate;
    void *release;
    void *context;
    int data_type;
    unsigned long checksum;
    unsigned long reserved;
};

/// Compresses bytes in gzip's format, quickly rather than well.
///
/// Returns how many bytes that took; 0 where they do not fit, or the machine has no zlib.
static inline size_t curl_gzip(const unsigned char *bytes, size_t count, unsigned char *room, size_t size) {
    if (count > UINT_MAX || size > UINT_MAX) return 0;
    void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return 0;
    int (*init)(struct curl_zlib_stream *, int, int, int, int, int, const char *, int);
    int (*deflate)(struct curl_zlib_stream *, int);
    int (*end)(struct curl_zlib_stream *);
    *(void **)&init = dlsym(library, "deflateInit2_");
    *(void **)&deflate = dlsym(library, "deflate");
    *(void **)&end = dlsym(library, "deflateEnd");
    struct curl_zlib_stream stream = {
        .next_in = bytes, .available_in = (unsigned int)count, .next_out = room, .available_out = (unsigned int)size};
    size_t written = 0;
    if (init != NULL && deflate != NULL && end != NULL &&
        init(&stream, 1, 8, 15 + 16, 8, 0, "1.2.11", sizeof stream) == 0) {
        // 4 says that nothing follows, and 1 is answered at the end.
        if (deflate(&stream, 4) == 1) written = stream.total_out;
        end(&stream);
    }
    dlclose(library);
    return written;
}

static inline int curl_get_long(const struct curl_calls *calls, void *transfer, int info, long *value) {
    return calls->easy_getinfo(transfer, info, value);
}

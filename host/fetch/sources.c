/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "lock.h"

void asked_done(struct asked *asked)
{
	buf_done(&asked->authorities);
	buf_done(&asked->token);
	buf_done(&asked->docker_config);
	buf_done(&asked->lock);
}

/* --- reading --- */

/* An input that is there if @has says so; @next: the descriptor it then has. */
static int read_further(uint32_t has, int *next, struct buf *out,
                        struct err *err)
{
	struct stat st;

	if (has == 0)
		return 0;
	if (fstat(*next, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at an input");
	if ((uint64_t)st.st_size > out->max)
		return err_set(
			err, ERR_LIMIT, 0,
			"certificates, credentials or a lockfile of more "
			"than %zu bytes",
			out->max);
	if (buf_reserve(out, (size_t)st.st_size, err) < 0 ||
	    fs_read_at((*next)++, 0, out->data, (size_t)st.st_size, err) < 0)
		return -1;
	out->len = (size_t)st.st_size;
	out->data[out->len] = '\0';
	return 0;
}

static void fill_wanted(struct asked *asked)
{
	const struct fetch_request *request = &asked->request;

	for (uint32_t i = 0; i < request->plain_host_count; i++)
		asked->plain_hosts[i] = request->plain_hosts[i];
	asked->wanted_bare = (struct source_wanted){
		.app = request->app,
		.version = request->version,
		.os = request->os,
		.architecture = request->architecture,
		.key_ids = request->key_ids,
		.key_id_count = request->key_id_count,
		.token = BYTES_NONE,
	};
	/* This one says itself which registry it is for. */
	asked->wanted_bare.docker_config = buf_bytes(&asked->docker_config);
	asked->wanted = asked->wanted_bare;
	asked->wanted.token = buf_bytes(&asked->token);
}

int asked_read(struct asked *out, struct err *err)
{
	struct fetch_request *request = &out->request;
	int next = FETCH_INPUT_FURTHER;

	if (fs_read_at(FETCH_INPUT_REQUEST, 0, request, sizeof *request, err) <
	            0 ||
	    read_further(request->has_authorities, &next, &out->authorities,
	                 err) < 0 ||
	    read_further(request->has_token, &next, &out->token, err) < 0 ||
	    read_further(request->has_docker_config, &next, &out->docker_config,
	                 err) < 0 ||
	    read_further(request->has_lock, &next, &out->lock, err) < 0)
		return -1;
	if (request->source_count == 0 ||
	    request->source_count > FETCH_SOURCES_MAX ||
	    request->plain_host_count > FETCH_HOSTS_MAX ||
	    request->key_id_count > FETCH_KEY_IDS_MAX)
		return err_set(err, ERR_INTERNAL, 0, "a request with no sense");
	if (request->has_lock != 0 && lock_apply(out, err) < 0)
		return -1;
	if (request->token_kind != 0 &&
	    request->token_kind != request->sources[0].kind)
		buf_cut(&out->token, 0); /* not for whom the lockfile names */
	fill_wanted(out);
	return 0;
}

/* Then check-health asks, which has its own time. */
static bool is_of_image(const struct fetch_request *request)
{
	return request->sources[0].kind == FETCH_IMAGE ||
	       request->sources[0].kind == FETCH_SIGNATURES;
}

void asked_config(const struct asked *asked, struct http_config *out)
{
	const struct fetch_request *request = &asked->request;

	*out = (struct http_config){
		.proxy = request->proxy,
		.authorities = buf_bytes(&asked->authorities),
		.plain_hosts = asked->plain_hosts,
		.plain_host_count = request->plain_host_count,
		.deadline_ms = (int64_t)request->deadline_s * 1000,
		.deadline_name = is_of_image(request)
		                         ? "check-health asks no longer"
		                         : NULL,
	};
}

/* --- the sources --- */

/* The credentials are for the first source: a mirror elsewhere gets none. */
static const struct source_wanted *wanted_of(const struct asked *asked,
                                             size_t number)
{
	const char *first = asked->request.sources[0].address;
	const char *address = asked->request.sources[number].address;

	return fetch_same_server(first, address) ? &asked->wanted
	                                         : &asked->wanted_bare;
}

static int make_source(const struct asked *asked, size_t number,
                       struct http_client *client, struct source **out,
                       struct err *err)
{
	const struct fetch_source *source = &asked->request.sources[number];
	const struct source_wanted *wanted = wanted_of(asked, number);

	switch ((enum fetch_kind)source->kind) {
	case FETCH_FILE:
		return source_file_new(client, wanted, source->address, out,
		                       err);
	case FETCH_FOLDER:
		return source_folder_new(client, wanted, source->address, out,
		                         err);
	case FETCH_OCI:
		return source_oci_new(client, wanted, source->address, out,
		                      err);
	case FETCH_GITHUB:
		return source_github_new(client, wanted, asked->request.api,
		                         source->address, out, err);
	case FETCH_IMAGE:
	case FETCH_SIGNATURES: /* no release: image.h */
	case FETCH_LOCKED:     /* without a lockfile */
		break;
	}
	return err_set(err, ERR_INTERNAL, 0, "no source has kind %u",
	               source->kind);
}

int asked_source(const struct asked *asked, struct http_client *client,
                 struct source **out, struct err *err)
{
	struct source *all[FETCH_SOURCES_MAX] = { NULL };
	size_t count = asked->request.source_count;
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++)
		result = make_source(asked, i, client, &all[i], err);
	if (result == 0 && count == 1) {
		*out = all[0];
		return 0;
	}
	if (result == 0)
		result = source_mirrors_new(client, all, count, out, err);
	if (result < 0)
		for (size_t i = 0; i < count; i++)
			source_free(&all[i]);
	return result;
}

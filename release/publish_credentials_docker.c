/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of docker's files, and of the helpers that these name. */
#include <string.h>
#include <sys/stat.h>

#include "codec/json_write.h"
#include "docker_files.h"
#include "helper.h"
#include "net/redact.h"
#include "publish_credentials_own.h"
#include "say.h"

#define TOKEN_USER "<token>" /* of an identity token, as docker says */

/* One entry, so that no more than what is needed goes further. */
static int write_entry(const struct oci_reference *reference,
                       const struct docker_credential *found,
                       struct publish_credential *out, struct err *err)
{
	struct json_writer writer;

	json_begin(&writer, &out->docker_config);
	if (json_open_object(&writer, NULL, err) < 0 ||
	    json_open_object(&writer, "auths", err) < 0 ||
	    json_open_object(&writer, reference->registry, err) < 0 ||
	    json_text(&writer, "username", found->user, err) < 0 ||
	    json_text(&writer, "password", found->password, err) < 0 ||
	    json_text(&writer, "identitytoken", found->identity_token, err) <
	            0 ||
	    json_text(&writer, "registrytoken", found->registry_token, err) <
	            0 ||
	    json_close(&writer, err) < 0 || json_close(&writer, err) < 0)
		return -1;
	return json_close(&writer, err);
}

static int take_entry(const struct oci_reference *reference,
                      const struct docker_credential *found,
                      struct publish_credential *out, struct err *err)
{
	if (redact_note_docker(found, err) < 0)
		return -1;
	return write_entry(reference, found, out, err);
}

/* {"ServerURL", "Username", "Secret"}; the user "<token>" has an identity
 * token. */
static int read_answer(const struct oci_reference *reference,
                       const struct buf *answer, struct publish_credential *out,
                       struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct docker_credential found = DOCKER_CREDENTIAL_NONE;
	struct json_node top, user, secret;
	const char *text;

	if (json_read(buf_text(answer), answer->len, HELPER_MAX, &document,
	              err) < 0)
		return -1;
	top = json_top(&document);
	user = json_member(&top, "Username");
	secret = json_member(&top, "Secret");
	if (json_require_object(&top, NULL, err) < 0 ||
	    json_get_text(&user, &found.user, err) < 0 ||
	    json_require_text(&secret, &text, err) < 0)
		return -1;
	found.password = found.identity_token = found.registry_token = "";
	if (strcmp(found.user, TOKEN_USER) == 0)
		found.identity_token = text;
	else
		found.password = text;
	return take_entry(reference, &found, out, err);
}

/* 1 found; 0: it keeps none for this registry, -1. */
static int ask_helper(const struct publish_credentials *credentials,
                      const char *helper, const struct oci_reference *reference,
                      struct publish_credential *out, struct err *err)
{
	AUTO_SECRET struct buf answer = BUF_LIMIT(HELPER_MAX);
	const char *key = docker_config_key(reference);
	const struct helper_call call = {
		.helper = helper,
		.verb = "get",
		.input = { (const uint8_t *)key, strlen(key) },
	};
	int got = helper_run(credentials->request, &call, &answer, err);

	if (got <= 0)
		return got;
	if (read_answer(reference, &answer, out, err) < 0)
		return err_wrap(err, "what docker-credential-%s says", helper);
	return 1;
}

/* A file that others may read is no reason to stop: docker and podman take it.
 */
static void judge_mode(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		warn_user("'%s' holds credentials, and others may open it: "
		          "chmod 600",
		          path);
}

static int take_file(const struct publish_credentials *credentials,
                     const char *path, const struct oci_reference *reference,
                     struct publish_credential *out, struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;
	int got = docker_file_find(path, reference, &found, err);

	if (got <= 0)
		return got;
	if (found.helper[0] != '\0') {
		got = ask_helper(credentials, found.helper, reference, out,
		                 err);
		return got < 0 ? err_wrap(err, "'%s'", path) : got;
	}
	judge_mode(path);
	if (take_entry(reference, &found, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 1;
}

int credential_take_docker(const struct publish_credentials *credentials,
                           const struct oci_reference *reference,
                           struct publish_credential *out, struct err *err)
{
	struct docker_files files;
	int got = 0;

	if (docker_files_name(credentials->request, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.count && got == 0; i++)
		got = take_file(credentials, files.paths[i], reference, out,
		                err);
	return got;
}

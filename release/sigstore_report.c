/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore_report.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "say.h"

#define DIGEST_TEXT (2 * SHA256_LEN + 1)

/* The members of "certificate" in JSON. */
static const char *const claim_names[CLAIMS] = {
	[CLAIM_SUBJECT] = "subject",
	[CLAIM_ISSUER] = "issuer",
	[CLAIM_BUILD_SIGNER_URI] = "build_signer_uri",
	[CLAIM_BUILD_SIGNER_DIGEST] = "build_signer_digest",
	[CLAIM_RUNNER_ENVIRONMENT] = "runner_environment",
	[CLAIM_SOURCE_URI] = "source_repository_uri",
	[CLAIM_SOURCE_DIGEST] = "source_repository_digest",
	[CLAIM_SOURCE_REF] = "source_repository_ref",
	[CLAIM_SOURCE_ID] = "source_repository_id",
	[CLAIM_OWNER_URI] = "source_repository_owner_uri",
	[CLAIM_OWNER_ID] = "source_repository_owner_id",
	[CLAIM_CONFIG_URI] = "build_config_uri",
	[CLAIM_CONFIG_DIGEST] = "build_config_digest",
	[CLAIM_TRIGGER] = "build_trigger",
	[CLAIM_INVOCATION] = "run_invocation_uri",
	[CLAIM_VISIBILITY] = "source_repository_visibility",
	[CLAIM_DEPLOYMENT] = "deployment_environment",
	[CLAIM_TOKEN_SUBJECT] = "token_subject",
};

static const char *content_name(const struct sigstore_result *result)
{
	return result->content == SIGSTORE_MESSAGE ? "message" : "attestation";
}

static const char *source_name(enum sigstore_time_source source)
{
	return source == SIGSTORE_TIME_LOG ? "log" : "timestamp";
}

/* --- text
 * ------------------------------------------------------------------ */

static void say_result(const struct request *request,
                       const struct sigstore_result *result)
{
	char hex[DIGEST_TEXT];
	char time[CLOCK_TEXT_SIZE];

	text_to_hex(result->digest, SHA256_LEN, hex);
	say(request, "verified: %s about sha256:%s", content_name(result), hex);
	if (result->is_by_key) {
		text_to_hex(result->key_id, SHA256_LEN, hex);
		say(request, "signed by key %s", hex);
	} else {
		say(request, "signed by %s (issuer %s)",
		    result->claims.text[CLAIM_SUBJECT],
		    result->claims.text[CLAIM_ISSUER]);
	}
	for (size_t i = 0; i < result->time_count; i++) {
		clock_format(result->times[i].seconds, time);
		say(request, "seen by a %s%s at %s",
		    source_name(result->times[i].source),
		    result->times[i].source == SIGSTORE_TIME_STAMP
		            ? " authority"
		            : "",
		    time);
	}
}

/* --- JSON
 * ------------------------------------------------------------------ */

static int json_hex(struct json_writer *json, const char *key,
                    const uint8_t *data, size_t len, struct err *err)
{
	char hex[2 * 64 + 1]; /* SHA-512 is the longest */

	text_to_hex(data, len, hex);
	return json_text(json, key, hex, err);
}

static int json_time(struct json_writer *json, const char *key, int64_t seconds,
                     struct err *err)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(seconds, text);
	return json_text(json, key, text, err);
}

static int json_signer(struct json_writer *json,
                       const struct sigstore_result *result, struct err *err)
{
	if (result->is_by_key)
		return json_hex(json, "key", result->key_id, SHA256_LEN, err);
	if (json_open_object(json, "certificate", err) < 0)
		return -1;
	for (size_t i = 0; i < CLAIMS; i++)
		if (result->claims.text[i][0] != '\0' &&
		    json_text(json, claim_names[i], result->claims.text[i],
		              err) < 0)
			return -1;
	return json_close(json, err);
}

static int json_times(struct json_writer *json,
                      const struct sigstore_result *result, struct err *err)
{
	if (json_open_array(json, "times", err) < 0)
		return -1;
	for (size_t i = 0; i < result->time_count; i++)
		if (json_open_object(json, NULL, err) < 0 ||
		    json_text(json, "source",
		              source_name(result->times[i].source), err) < 0 ||
		    json_time(json, "time", result->times[i].seconds, err) <
		            0 ||
		    json_close(json, err) < 0)
			return -1;
	return json_close(json, err);
}

static int json_place(struct json_writer *json,
                      const struct sigstore_place *place, struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_hex(json, "log", place->log_id, sizeof place->log_id, err) <
	            0 ||
	    json_u64(json, "index", place->index, err) < 0)
		return -1;
	if (place->integrated >= 0 &&
	    json_time(json, "time", place->integrated, err) < 0)
		return -1;
	return json_close(json, err);
}

static int json_places(struct json_writer *json,
                       const struct sigstore_result *result, struct err *err)
{
	if (json_open_array(json, "log_entries", err) < 0)
		return -1;
	for (size_t i = 0; i < result->place_count; i++)
		if (json_place(json, &result->places[i], err) < 0)
			return -1;
	return json_close(json, err);
}

static int json_subject(struct json_writer *json,
                        const struct statement_subject *subject,
                        struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", subject->name, err) < 0)
		return -1;
	if (subject->has_sha256 && json_hex(json, "sha256", subject->sha256,
	                                    sizeof subject->sha256, err) < 0)
		return -1;
	if (subject->has_sha512 && json_hex(json, "sha512", subject->sha512,
	                                    sizeof subject->sha512, err) < 0)
		return -1;
	return json_close(json, err);
}

static int json_statement(struct json_writer *json,
                          const struct statement *statement, struct err *err)
{
	if (json_open_object(json, "statement", err) < 0 ||
	    json_text(json, "predicate_type", statement->predicate_type, err) <
	            0 ||
	    json_open_array(json, "subjects", err) < 0)
		return -1;
	for (size_t i = 0; i < statement->subject_count; i++)
		if (json_subject(json, &statement->subjects[i], err) < 0)
			return -1;
	if (json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_json(const struct sigstore_result *result, struct buf *out,
                      struct err *err)
{
	char digest[sizeof "sha256:" + DIGEST_TEXT] = "sha256:";
	struct json_writer json;

	text_to_hex(result->digest, SHA256_LEN, digest + strlen(digest));
	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_bool(&json, "verified", true, err) < 0 ||
	    json_text(&json, "content", content_name(result), err) < 0 ||
	    json_text(&json, "digest", digest, err) < 0 ||
	    json_signer(&json, result, err) < 0 ||
	    json_times(&json, result, err) < 0 ||
	    json_places(&json, result, err) < 0)
		return -1;
	if (result->content == SIGSTORE_ENVELOPE &&
	    json_statement(&json, &result->statement, err) < 0)
		return -1;
	return json_close(&json, err);
}

int sigstore_report(const struct request *request,
                    const struct sigstore_result *result, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (!request->json) {
		say_result(request, result);
		return 0;
	}
	if (write_json(result, &text, err) < 0 ||
	    buf_adds(&text, "\n", err) < 0)
		return -1;
	return print_result(&text, err);
}

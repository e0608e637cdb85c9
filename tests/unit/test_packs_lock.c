/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/packs_lock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEX_A    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DIGEST_A "sha256:" HEX_A
#define DIGEST_B "sha256:" HEX_B

#define OURS(dry, packs)                                                       \
	"{\"schema\":\"tidegate.lock/1\",\"dry_run\":" dry                     \
	",\"packs\":[" packs "]}"
#define OLD(packs)   "{\"packs\":[" packs "]}"
#define NAME(n)      "\"name\":\"" n "\""
#define DIGEST(d)    ",\"digest\":\"" d "\""
#define MEMBER(k, v) ",\"" k "\":" v

static const struct read_case {
	const char *name, *text;
	int want; /* packs, or -1 */
	enum err_code code;
	enum packs_lock_shape shape;
	enum packs_lock_state state; /* of the first pack */
} cases[] = {
	{ "ours", OURS("false", "{" NAME("a") DIGEST(DIGEST_A) "}"), 1,
	  ERR_NONE, PACKS_LOCK_OURS, PACKS_LOCK_PINNED },
	{ "ours, of a dry run",
	  OURS("true", "{" NAME("a") DIGEST("DRY_RUN") "}"), 1, ERR_NONE,
	  PACKS_LOCK_OURS, PACKS_LOCK_DRY_RUN },
	{ "ours, dry_run and a digest",
	  OURS("true", "{" NAME("a") DIGEST(DIGEST_A) "}"), -1, ERR_FORMAT, 0,
	  0 },
	{ "ours, of a dry run, beside a digest",
	  OURS("true", "{" NAME("a") DIGEST("DRY_RUN") "},{" NAME("b")
	                       DIGEST(DIGEST_A) "}"),
	  2, ERR_NONE, PACKS_LOCK_OURS, PACKS_LOCK_DRY_RUN },
	{ "ours, no dry_run and one of a dry run",
	  OURS("false", "{" NAME("a") DIGEST("DRY_RUN") "}"), -1, ERR_FORMAT, 0,
	  0 },
	{ "ours, nothing pushed", OURS("false", "{" NAME("a") "}"), 1, ERR_NONE,
	  PACKS_LOCK_OURS, PACKS_LOCK_UNKNOWN },
	{ "ours, a reference that is none",
	  OURS("false", "{" NAME("a") MEMBER("oci_ref", "\"ghcr.io/UP\"") "}"),
	  -1, ERR_FORMAT, 0, 0 },
	{ "ours, a date that is none",
	  OURS("false", "{" NAME("a") MEMBER("created_at", "\"monday\"") "}"),
	  -1, ERR_FORMAT, 0, 0 },
	{ "of the future", "{\"schema\":\"tidegate.lock/2\",\"packs\":[]}", -1,
	  ERR_FORMAT, 0, 0 },
	{ "no packs", "{}", -1, ERR_FORMAT, 0, 0 },
	{ "empty", OLD(""), 0, ERR_NONE, PACKS_LOCK_SCRIPT, 0 },
	{ "seed",
	  "{\"registry\":\"ghcr.io\",\"packs\":[{" NAME("a")
	          MEMBER("oci_ref", "\"ghcr.io/x/a:1\"") DIGEST(DIGEST_A) "}]}",
	  1, ERR_NONE, PACKS_LOCK_SEED, PACKS_LOCK_PINNED },
	{ "seed, dry",
	  "{\"registry\":\"ghcr.io\",\"packs\":[{" NAME("a")
	          DIGEST("DRY_RUN") "}]}",
	  1, ERR_NONE, PACKS_LOCK_SEED, PACKS_LOCK_DRY_RUN },
	{ "script",
	  OLD("{" NAME("a") MEMBER("ref", "\"ghcr.io/x/a:1\"") DIGEST(DIGEST_A)
	              MEMBER("built_at", "\"today\"") "}"),
	  1, ERR_NONE, PACKS_LOCK_SCRIPT, PACKS_LOCK_PINNED },
	{ "committed, without a reference",
	  OLD("{" NAME("a") DIGEST(DIGEST_A) "}"), 1, ERR_NONE,
	  PACKS_LOCK_SCRIPT, PACKS_LOCK_PINNED },
	{ "empty digest", OLD("{" NAME("a") DIGEST("") "}"), 1, ERR_NONE,
	  PACKS_LOCK_SCRIPT, PACKS_LOCK_UNKNOWN },
	{ "a digest in the reference alone",
	  OLD("{" NAME("a") MEMBER("ref", "\"ghcr.io/x/a@" DIGEST_A "\"") "}"),
	  1, ERR_NONE, PACKS_LOCK_SCRIPT, PACKS_LOCK_PINNED },
	{ "two digests",
	  OLD("{" NAME("a") DIGEST(DIGEST_A)
	              MEMBER("ref", "\"ghcr.io/x/a@" DIGEST_B "\"") "}"),
	  -1, ERR_FORMAT, 0, 0 },
	{ "a digest that is none", OLD("{" NAME("a") DIGEST("sha256:aa") "}"),
	  -1, ERR_FORMAT, 0, 0 },
	{ "a file's hash that is none",
	  OLD("{" NAME("a") MEMBER("sha256", "\"zz\"") "}"), -1, ERR_FORMAT, 0,
	  0 },
	{ "no name", OLD("{\"file\":\"x\"}"), -1, ERR_FORMAT, 0, 0 },
	{ "a name twice", OLD("{" NAME("a") "},{" NAME("a") "}"), -1,
	  ERR_FORMAT, 0, 0 },
	{ "control characters", OLD("{\"name\":\"a\\u001b[2J\"}"), -1,
	  ERR_FORMAT, 0, 0 },
	{ "a size beyond",
	  OLD("{" NAME("a") MEMBER("size", "9007199254740992") "}"), -1,
	  ERR_LIMIT, 0, 0 },
	{ "the largest size",
	  OLD("{" NAME("a") MEMBER("size", "9007199254740991") "}"), 1,
	  ERR_NONE, PACKS_LOCK_SCRIPT, PACKS_LOCK_UNKNOWN },
	{ "a referrer without a digest",
	  OLD("{" NAME("a") MEMBER("referrers", "[{}]") "}"), -1, ERR_FORMAT, 0,
	  0 },
	{ "no object", "[]", -1, ERR_FORMAT, 0, 0 },
	{ "no JSON", "packs", -1, ERR_FORMAT, 0, 0 },
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct read_case *c = &cases[i];
		AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;
		struct err err = { .code = ERR_NONE };
		int got =
			packs_lock_read(c->text, strlen(c->text), &lock, &err);

		if (got == 0)
			got = (int)lock.pack_count;
		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, err.text);
		if (got >= 0 && lock.shape != c->shape)
			fail_msg("%s: shape %d", c->name, (int)lock.shape);
		if (got > 0 && lock.packs[0].state != c->state)
			fail_msg("%s: state %d", c->name,
			         (int)lock.packs[0].state);
	}
}

/* --- writing ------------------------------------------------------------ */

static const char written[] =
	"{\n"
	"  \"schema\": \"tidegate.lock/1\",\n"
	"  \"version\": \"1.2.3\",\n"
	"  \"generated_at\": \"2026-01-02T03:04:05Z\",\n"
	"  \"git_sha\": \"\",\n"
	"  \"dirty\": false,\n"
	"  \"dry_run\": false,\n"
	"  \"registry\": \"ghcr.io\",\n"
	"  \"org\": \"acme\",\n"
	"  \"repo\": \"packs\",\n"
	"  \"packs\": [\n"
	"    {\n"
	"      \"name\": \"a\",\n"
	"      \"file\": \"a.gtpack\",\n"
	"      \"size\": 11,\n"
	"      \"sha256\": \"" HEX_B "\",\n"
	"      \"oci_ref\": \"ghcr.io/acme/packs/a:1.2.3\",\n"
	"      \"digest\": \"" DIGEST_A "\",\n"
	"      \"tags\": [\n"
	"        \"1.2.3\",\n"
	"        \"latest\"\n"
	"      ],\n"
	"      \"referrers\": [\n"
	"        {\n"
	"          \"artifact_type\": \"t\",\n"
	"          \"digest\": \"" DIGEST_B "\"\n"
	"        }\n"
	"      ]\n"
	"    },\n"
	"    {\n"
	"      \"name\": \"b\",\n"
	"      \"file\": \"\",\n"
	"      \"oci_ref\": \"\",\n"
	"      \"digest\": \"\"\n"
	"    }\n"
	"  ]\n"
	"}\n";

static void fill(struct packs_lock *lock, struct packs_lock_pack packs[2],
                 struct packs_lock_referrer *referrer)
{
	static const char *const tags[] = { "1.2.3", "latest" };

	memset(referrer->digest, 0xbb, sizeof referrer->digest);
	referrer->artifact_type = "t";
	packs[0] = PACKS_LOCK_PACK_NONE;
	packs[0].name = "b";
	packs[1] = PACKS_LOCK_PACK_NONE;
	packs[1].name = "a";
	packs[1].file = "a.gtpack";
	packs[1].size = 11;
	packs[1].sha256.is_set = true;
	memset(packs[1].sha256.sha256, 0xbb, PACKS_LOCK_SHA256_LEN);
	packs[1].oci_ref = "ghcr.io/acme/packs/a:1.2.3";
	packs[1].state = PACKS_LOCK_PINNED;
	memset(packs[1].digest, 0xaa, sizeof packs[1].digest);
	packs[1].tags = tags;
	packs[1].tag_count = 2;
	packs[1].referrers = referrer;
	packs[1].referrer_count = 1;
	*lock = PACKS_LOCK_NONE;
	lock->version = "1.2.3";
	lock->generated_at = "2026-01-02T03:04:05Z";
	lock->registry = "ghcr.io";
	lock->org = "acme";
	lock->repo = "packs";
	lock->packs = packs;
	lock->pack_count = 2;
}

static void test_write(void **state)
{
	struct packs_lock_referrer referrer;
	struct packs_lock_pack packs[2];
	struct packs_lock lock;
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	fill(&lock, packs, &referrer);
	assert_int_equal(packs_lock_write(&lock, NULL, &out, &err), 0);
	assert_string_equal(buf_text(&out), written);
}

/* Nothing is added to @out when it fails. */
static void refuse(const struct packs_lock *lock, enum err_code code)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err = { .code = ERR_NONE };

	assert_int_equal(packs_lock_write(lock, NULL, &out, &err), -1);
	assert_int_equal(err.code, code);
	assert_int_equal(out.len, 0);
}

static void test_write_refuses(void **state)
{
	struct packs_lock_referrer referrer;
	struct packs_lock_pack packs[2];
	struct packs_lock lock;

	(void)state;
	fill(&lock, packs, &referrer);
	packs[0].name = "a";
	refuse(&lock, ERR_FORMAT);
	fill(&lock, packs, &referrer);
	packs[0].name = "";
	refuse(&lock, ERR_FORMAT);
	fill(&lock, packs, &referrer);
	lock.version = "\x1b[2J";
	refuse(&lock, ERR_FORMAT);
	fill(&lock, packs, &referrer);
	lock.is_dry_run = true;
	refuse(&lock, ERR_FORMAT);
	fill(&lock, packs, &referrer);
	packs[0].size = PACKS_LOCK_SIZE_MAX + 1;
	refuse(&lock, ERR_LIMIT);
	fill(&lock, packs, &referrer);
	packs[0].created_at = "today";
	refuse(&lock, ERR_FORMAT);
}

static const char before_text[] =
	"{\"owner\":{\"team\":[1,2.5,null]},\"schema\":\"tidegate.lock/1\","
	"\"packs\":[{\"name\":\"a\",\"note\":\"kept\",\"digest\":\"\"},"
	"{\"name\":\"gone\",\"note\":\"lost\",\"digest\":\"\"}]}";

static void test_unknown_members_stay(void **state)
{
	struct packs_lock_referrer referrer;
	struct packs_lock_pack packs[2];
	struct packs_lock lock;
	AUTO_PACKS_LOCK struct packs_lock before = PACKS_LOCK_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	fill(&lock, packs, &referrer);
	assert_int_equal(packs_lock_read(before_text, strlen(before_text),
	                                 &before, &err),
	                 0);
	assert_int_equal(packs_lock_write(&lock, &before, &out, &err), 0);
	assert_non_null(strstr(buf_text(&out), "\"note\": \"kept\""));
	assert_null(strstr(buf_text(&out), "lost"));
	assert_non_null(strstr(buf_text(&out), "\"owner\": {"));
	assert_non_null(strstr(buf_text(&out), "2.5"));
}

/* An old lockfile, written as ours, keeps what it said. */
static void test_old_to_ours(void **state)
{
	static const char old[] =
		OLD("{" NAME("a") MEMBER("ref", "\"ghcr.io/x/a:1\"")
	                    DIGEST(DIGEST_A) MEMBER("built_at", "\"2026-01-"
	                                                        "02T03:04:"
	                                                        "05Z\"") "}");
	AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;
	AUTO_PACKS_LOCK struct packs_lock again = PACKS_LOCK_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(packs_lock_read(old, strlen(old), &lock, &err), 0);
	assert_int_equal(packs_lock_write(&lock, &lock, &out, &err), 0);
	assert_int_equal(packs_lock_read(out.data, out.len, &again, &err), 0);
	assert_string_equal(again.packs[0].oci_ref, "ghcr.io/x/a:1");
	assert_string_equal(again.packs[0].created_at, "2026-01-02T03:04:05Z");
	assert_null(strstr(buf_text(&out), "built_at"));
}

/* @count packs, named by their number. */
static int read_many(size_t count, struct err *err)
{
	AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	assert_int_equal(buf_adds(&text, "{\"packs\":[", err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_printf(&text, err, "%s{\"name\":\"%zu\"}",
		                            i > 0 ? "," : "", i),
		                 0);
	assert_int_equal(buf_adds(&text, "]}", err), 0);
	return packs_lock_read(text.data, text.len, &lock, err);
}

static void test_most(void **state)
{
	struct err err = { .code = ERR_NONE };

	(void)state;
	assert_int_equal(read_many(PACKS_LOCK_PACKS_MAX, &err), 0);
	assert_int_equal(read_many(PACKS_LOCK_PACKS_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_refuses),
		cmocka_unit_test(test_unknown_members_stay),
		cmocka_unit_test(test_old_to_ours),
		cmocka_unit_test(test_most),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The public test vectors of Sigstore through the real verify-worker: its
 * sandbox has all that judging them needs, and its verdicts are those of the
 * same code outside.  They lie outside of this project, at ../shared/vectors or
 * where TIDEGATE_VECTORS says; without them there is nothing to test. */
#include <dirent.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/fs.h"
#include "codec/json_read.h"
#include "codec/release_ini.h"
#include "crypto/init.h"
#include "evidence/ask.h"
#include "evidence/judge.h"
#include "play.h"

#define CASES_MAX 10000

static int workers = -1;
static int vectors = -1; /* the folder vectors/sigstore */

/* --- one case --- */

static bool read_vector(const char *folder, const char *name, struct buf *out)
{
	char path[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	struct err err;

	(void)snprintf(path, sizeof path, "%s%s%s", folder,
	               folder[0] != '\0' ? "/" : "", name);
	fd = openat(vectors, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	assert_int_equal(fs_read_fd(fd, out, &err), 0);
	return true;
}

static int collect(void *context, const struct evidence_verdict *verdict,
                   struct err *err)
{
	struct evidence_verdicts *verdicts = context;

	(void)err;
	verdicts->list[verdicts->count++] = *verdict;
	return 0;
}

/* What the worker says of @given; it must be what is said here. */
static struct evidence_verdict judge_twice(const char *name,
                                           const struct evidence_case *given)
{
	static struct evidence_verdicts asked, judged;
	const struct evidence_worker worker = { .folder = workers,
		                                .mode = SANDBOX_FULL };
	const struct evidence_listener listener = { collect, &judged };
	char text[ERR_TEXT_MAX];
	struct err err;

	memset(&judged, 0, sizeof judged);
	if (evidence_ask(given, &worker, &asked, &err) < 0 ||
	    evidence_judge(given, &listener, &err) < 0)
		fail_msg("%s: %s", name, err_format(&err, text, sizeof text));
	assert_int_equal(asked.count, 1);
	assert_int_equal(judged.count, 1);
	if (memcmp(&asked.list[0], &judged.list[0], sizeof asked.list[0]) != 0)
		fail_msg("%s: the worker says %s (%s), this process %s (%s)",
		         name, verdict_kind_name(asked.list[0].kind),
		         asked.list[0].reason,
		         verdict_kind_name(judged.list[0].kind),
		         judged.list[0].reason);
	play_assert_reaped(name);
	return asked.list[0];
}

/* --- the public suite --- */

static bool must_fail(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, "_fail") == 0;
}

/* Returns whether it could be judged at all. */
static bool judge_folder(const char *folder, const char *name,
                         const struct settings *settings)
{
	AUTO_BUF struct buf bundle = BUF_NONE;
	AUTO_BUF struct buf artifact = BUF_NONE;
	AUTO_BUF struct buf root = BUF_NONE;
	struct evidence_case given = { .settings = settings,
		                       .settings_text = { NULL, 0 },
		                       .root_count = 1 };
	struct evidence_verdict verdict;
	struct err err;

	if (!read_vector(folder, "bundle.sigstore.json", &bundle))
		return false;
	if (!read_vector(folder, "artifact", &artifact) &&
	    !read_vector("", "a.txt", &artifact))
		return false;
	if (!read_vector(folder, "trusted_root.json", &root) &&
	    !read_vector("trust", "production.trusted_root.json", &root))
		return false;
	if (artifact.len > RELEASE_INI_MAX)
		return false;
	given.release_ini = buf_bytes(&artifact);
	given.roots[0] = (struct evidence_root){ "", buf_bytes(&root) };
	assert_int_equal(
		evidence_add(&given, PART_SIGSTORE, buf_bytes(&bundle), &err),
		0);
	verdict = judge_twice(name, &given);
	/* Which key made it is asked elsewhere; that provenance must agree with
	 * its certificate the suite does not ask. */
	if (!must_fail(name) && verdict.kind == VERDICT_REFUSED &&
	    strstr(name, "managed-key") == NULL &&
	    strstr(verdict.reason, "the provenance says") == NULL)
		fail_msg("%s: refused: %s", name, verdict.reason);
	return true;
}

static size_t judge_all(const char *suite, const struct settings *settings)
{
	AUTO_CLOSE int dir = openat(vectors, suite, O_RDONLY | O_DIRECTORY);
	char **names;
	size_t count, judged = 0;
	struct err err;

	assert_true(dir >= 0);
	assert_int_equal(fs_list(dir, CASES_MAX, &names, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		char folder[PATH_MAX];

		(void)snprintf(folder, sizeof folder, "%s/%s", suite, names[i]);
		judged += judge_folder(folder, names[i], settings) ? 1 : 0;
	}
	fs_list_free(names, count);
	return judged;
}

static void worker_and_process_judge_alike(void **state)
{
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);

	(void)state;
	assert_non_null(settings);
	settings_defaults(settings);
	assert_true(judge_all("official", settings) > 20);
	assert_true(judge_all("derived", settings) > 20);
}

/* --- a real attestation of GitHub's --- */

static const char policy[] =
	"[policy]\n"
	"require = minisign, provenance\n"
	"[identity other]\n"
	"issuer = https://token.actions.githubusercontent.com/hammer-time\n"
	"repository = too-legit/another\n"
	"[identity ci]\n"
	"issuer = https://token.actions.githubusercontent.com/hammer-time\n"
	"repository = too-legit/attest\n"
	"workflow = integration.yml\n"
	"ref = refs/heads/main\n";

static void a_real_attestation_names_whom_the_host_means(void **state)
{
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);
	AUTO_BUF struct buf bundle = BUF_NONE;
	AUTO_BUF struct buf artifact = BUF_NONE;
	AUTO_BUF struct buf root = BUF_NONE;
	struct evidence_case given = { .settings = settings, .root_count = 1 };
	struct evidence_verdict verdict;
	struct err err;

	(void)state;
	assert_non_null(settings);
	given.settings_text =
		(struct bytes){ (const uint8_t *)policy, sizeof policy - 1 };
	assert_int_equal(
		settings_parse(policy, sizeof policy - 1, settings, &err), 0);
	assert_true(read_vector("github-attestations",
	                        "custom-issuer.sigstore.json", &bundle));
	assert_true(read_vector("github-attestations", "custom-issuer-artifact",
	                        &artifact));
	assert_true(
		read_vector("github-attestations", "trusted_root.json", &root));
	given.release_ini = buf_bytes(&artifact);
	given.roots[0] = (struct evidence_root){ "", buf_bytes(&root) };
	assert_int_equal(
		evidence_add(&given, PART_SIGSTORE, buf_bytes(&bundle), &err),
		0);
	verdict = judge_twice("custom issuer", &given);
	if (verdict.kind != VERDICT_ATTESTATION)
		fail_msg("%s: %s", verdict_kind_name(verdict.kind),
		         verdict.reason);
	if (verdict.identities != 2)
		fail_msg("identities %llx: %s",
		         (unsigned long long)verdict.identities,
		         verdict.reason);
	assert_int_equal(verdict.has_time, 1);
	assert_int_equal(verdict.has_log, 1);
}

static int open_vectors(void)
{
	const char *where = getenv("TIDEGATE_VECTORS");
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/sigstore",
	               where != NULL ? where : "../shared/vectors");
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_and_process_judge_alike),
		cmocka_unit_test(a_real_attestation_names_whom_the_host_means),
	};
	struct err err;

	vectors = open_vectors();
	if (vectors < 0) {
		puts("1..0 # SKIP no vectors at TIDEGATE_VECTORS or "
		     "../shared/vectors");
		return 0;
	}
	if (crypto_init(&err) < 0 || json_read_init(&err) < 0)
		return 1;
	workers = play_open_folder("../../libexec/tidegate");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fetch: lay a verified release down as a folder of parts, for a host that
 * reaches no server. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "host.h"
#include "incoming.h"
#include "report.h"
#include "trust/explain_json.h"

#define NAME_SIZE (APP_SIZE + VERSION_SIZE)
#define PART_SIZE (NAME_SIZE + sizeof "..part")

struct carry {
	const struct request *request;
	struct host host;
	struct incoming incoming;
	int output;           /* owned; the folder that it comes into */
	char name[NAME_SIZE]; /* of its own folder: <app>-<version> */
};

static void carry_done(struct carry *carry)
{
	incoming_done(&carry->incoming);
	host_done(&carry->host);
	cleanup_close(&carry->output);
}

/* --- what is there --- */

/* Whether the folder holds this release; 0 where there is none. */
static int is_there(const struct carry *carry, struct err *err)
{
	char path[NAME_SIZE + sizeof "/release.ini"];
	AUTO_CLOSE int fd = -1;
	uint8_t digest[SHA256_LEN];
	int there = fs_exists(carry->output, carry->name, NULL, err);

	if (there <= 0)
		return there;
	(void)snprintf(path, sizeof path, "%s/release.ini", carry->name);
	fd = fs_open_file(carry->output, path, err);
	if (fd >= 0 && sha256_of_fd(fd, digest, NULL, err) < 0)
		return -1;
	if (fd >= 0 &&
	    sha256_equal(digest, carry->incoming.verified.release_sha256))
		return 1;
	return err_set(err, ERR_CONFLICT, 0,
	               "something else is in '%s/%s' already",
	               carry->request->output, carry->name);
}

/* --- laying it down --- */

static int put_parts(struct carry *carry, struct package_stage *stage,
                     struct err *err)
{
	struct incoming *incoming = &carry->incoming;
	const struct verification_result *verified = &incoming->verified;
	AUTO_METER struct meter meter = METER_NONE;

	report_meter_begin(carry->request, &meter, "laying down",
	                   verified->release.parts[PART_PAYLOAD].size);
	if (parts_receive(&incoming->source, &incoming->first, verified, stage,
	                  /* copy= */ NULL, err) < 0 ||
	    parts_put_evidence(&incoming->description, stage, err) < 0 ||
	    parts_receive_payload(&incoming->source, verified, stage, &meter,
	                          err) < 0)
		return err_wrap(err, "verifying %s", incoming->bundle.origin);
	return disk_sync_all("carry.sync", stage->dir, err);
}

/* Under its name it is whole, or not there. */
static int lay_down(struct carry *carry, struct err *err)
{
	AUTO_PACKAGE_STAGE struct package_stage stage = PACKAGE_STAGE_NONE;
	char part[PART_SIZE];
	int dir;

	(void)snprintf(part, sizeof part, ".%s.part", carry->name);
	if (disk_remove_tree("carry.clear", carry->output, part, err) < 0)
		return -1;
	dir = disk_require_dir("carry.folder", carry->output, part, 0755, err);
	if (dir < 0)
		return -1;
	package_stage_into(dir, &stage);
	if (put_parts(carry, &stage, err) < 0 ||
	    disk_rename_new("carry.whole", carry->output, part, carry->output,
	                    carry->name, err) < 0) {
		struct err ignored; /* the next run clears it */

		remote_blame(&carry->incoming.bundle.remote, err);
		(void)!disk_remove_tree("carry.failed", carry->output, part,
		                        &ignored);
		return -1;
	}
	return disk_sync("carry.named", carry->output, err);
}

/* --- words --- */

static int print_json(const struct carry *carry, const char *result,
                      struct err *err)
{
	const struct verification_result *verified = &carry->incoming.verified;
	AUTO_BUF struct buf out = BUF_NONE;
	AUTO_BUF struct buf path = BUF_NONE;
	char digest[SHA256_HEX_LEN + 1];
	struct json_writer json;

	text_to_hex(verified->release_sha256, SHA256_LEN, digest);
	json_begin(&json, &out);
	if (buf_printf(&path, err, "%s/%s", carry->request->output,
	               carry->name) < 0 ||
	    json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", verified->release.app, err) < 0 ||
	    json_text(&json, "version", verified->release.version, err) < 0 ||
	    json_u64(&json, "sequence", verified->release.sequence, err) < 0 ||
	    json_text(&json, "release_sha256", digest, err) < 0 ||
	    json_text(&json, "source", carry->incoming.bundle.origin, err) <
	            0 ||
	    json_text(&json, "path", buf_text(&path), err) < 0 ||
	    json_text(&json, "result", result, err) < 0 ||
	    signers_json(verified->signers, verified->signer_count, &json,
	                 err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return report_text(&out, err);
}

static int say(const struct carry *carry, const char *result, struct err *err)
{
	const struct request *request = carry->request;

	if (request->wants_json)
		return print_json(carry, result, err);
	report_step(request,
	            "%s %s/%s; on the other host: install-package "
	            "--asset-dir %s",
	            result, request->output, carry->name, carry->name);
	return 0;
}

static int carry_release(struct carry *carry, struct err *err)
{
	const struct release_ini *release = &carry->incoming.verified.release;
	int there;

	(void)snprintf(carry->name, sizeof carry->name, "%s-%s", release->app,
	               release->version);
	carry->output = fs_open_guarded(carry->request->output, err);
	if (carry->output < 0)
		return err_wrap(err, "--output");
	there = is_there(carry, err);
	if (there < 0 || (there == 0 && lay_down(carry, err) < 0))
		return -1;
	if (remote_forget(&carry->incoming.bundle.remote, err) < 0)
		return -1;
	return say(carry, there == 1 ? "unchanged" : "fetched", err);
}

int command_fetch(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO(carry_done)
	struct carry carry = { .request = request,
		               .host = HOST_NONE,
		               .incoming = INCOMING_NONE,
		               .output = -1 };

	if (request->output == NULL)
		return err_set(err, ERR_USAGE, 0, "where to? --output DIR");
	if (install_check_sources(request, err) < 0 ||
	    host_open(request, &carry.host, err) < 0 ||
	    host_require_key(request, &carry.host, err) < 0 ||
	    incoming_open(request, &carry.host, &carry.incoming, err) < 0)
		return -1;
	return carry_release(&carry, err);
}

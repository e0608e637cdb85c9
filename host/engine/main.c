/* SPDX-License-Identifier: Apache-2.0 */
/* engine-worker: reads what a container engine answered.  Input 0 is a file as
 * privsep/engine.h has it, and the job is answered with one item, number 0: a
 * struct engine_report. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "privsep/engine.h"
#include "privsep/worker_main.h"

/* What the questions are about, for errors. */
static const char *const names[ENGINE_QUESTIONS] = {
	[ENGINE_VERSION] = "/version",
	[ENGINE_INFO] = "/info",
	[ENGINE_IMAGES] = "its images",
	[ENGINE_CONTAINERS] = "its containers",
	[ENGINE_IMAGE] = "one of its images",
	[ENGINE_CONTAINER] = "one of its containers",
};

static int take_answer(const struct engine_wishes *wishes,
                       const struct engine_record *record, struct bytes text,
                       struct engine_report *report, struct err *err)
{
	enum engine_question question = (enum engine_question)record->question;
	struct http_answer answer;

	if (http_answer_read(text, &answer, err) < 0)
		return -1;
	if (answer.status == 404 && question >= ENGINE_IMAGE) {
		engine_answer_gone(question, record->id, report);
		return 0;
	}
	if (answer.status != 200)
		return err_set(err, ERR_FORMAT, 0, "it answers with status %u",
		               answer.status);
	return engine_answer_take(wishes, question, record->id, answer.body,
	                          report, err);
}

/* The next record of the file, and its bytes. */
static int next_record(struct bytes *left, struct engine_record *record,
                       struct bytes *text, struct err *err)
{
	if (left->len < sizeof *record)
		return err_set(err, ERR_FORMAT, 0, "a torn record");
	memcpy(record, left->data, sizeof *record);
	left->data += sizeof *record;
	left->len -= sizeof *record;
	if (record->len > left->len || record->question < ENGINE_VERSION ||
	    record->question >= ENGINE_QUESTIONS)
		return err_set(err, ERR_FORMAT, 0, "a bad record");
	*text = (struct bytes){ left->data, (size_t)record->len };
	left->data += record->len;
	left->len -= (size_t)record->len;
	return 0;
}

static int take_answers(struct bytes file, struct engine_report *report,
                        struct err *err)
{
	static struct engine_wishes wishes;
	struct bytes left = file;
	struct engine_record record;
	struct bytes text;

	if (left.len < sizeof wishes)
		return err_set(err, ERR_FORMAT, 0, "no questions came");
	memcpy(&wishes, left.data, sizeof wishes);
	left.data += sizeof wishes;
	left.len -= sizeof wishes;
	if (engine_wishes_check(&wishes, err) < 0)
		return -1;
	while (left.len > 0) {
		if (next_record(&left, &record, &text, err) < 0)
			return -1;
		if (take_answer(&wishes, &record, text, report, err) < 0)
			return err_wrap(err, "asked for %s",
			                names[record.question]);
	}
	return 0;
}

static int run_engine(struct worker_context *context, struct err *err)
{
	static struct engine_report report;
	uint64_t size = context->job.engine.file_size;
	AUTO_BUF struct buf file = BUF_LIMIT(ENGINE_FILE_MAX);

	if (size > ENGINE_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0, "too many answers");
	if (buf_reserve(&file, (size_t)size, err) < 0 ||
	    fs_read_at(WORKER_FD_INPUT, 0, file.data, (size_t)size, err) < 0)
		return -1;
	file.len = (size_t)size;
	if (take_answers(buf_bytes(&file), &report, err) < 0 ||
	    frame_put(&context->ring, 0, &report, sizeof report, err) < 0)
		return -1;
	return frame_end(&context->ring, 0, err);
}

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.prepare = json_read_init,
	.run = run_engine,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}

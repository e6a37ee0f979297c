// The table of all settings: key, field, documentation.

#include "chain/settings.h"

namespace secateur {
namespace {

void add_general(Recipe& r, std::vector<Setting>& all) {
  all.insert(
      all.end(),
      {{"seed", &r.seed, "master seed of every random draw"},
       {"source", &r.source, "recordings, or simulated for the embedded neurons"},
       {"recordings", &r.recordings,
        "folder of the recordings (a clone of the authors' repository)"},
       {"neuron", &r.neuron,
        "SESSION/NUMBER, SESSION/FIRST:LAST, SESSION/0,3,7:9, SESSION/all; without SESSION/ where "
        "there is one session, or when simulated"},
       {"budget", &r.budget,
        "time for the whole chain (20min, 90s, 1.5h); sets the numbers of images"},
       {"teacher", &r.teacher,
        "model file of a teacher, several files of an ensemble, a folder of them, or a run that "
        "has "
        "made one; empty: one is made from the recordings"},
       {"teacher_outputs", &r.teacher_outputs,
        "outputs of the teacher that belong to the session, FIRST:LAST; empty: derived"},
       {"trunk", &r.trunk,
        "trained networks whose layers the teacher looks through: readouts are fitted on them, one "
        "member of an ensemble on each; empty: members are trained on pixels"},
       {"trunk_pixels", &r.trunk_pixels,
        "pixels a side that the pictures are brought to for weights of ResNet-50, a multiple of "
        "16"},
       {"sessions", &r.sessions,
        "recording sessions to train on; empty: all that are not test or validation sessions"},
       {"images", &r.images, "more images for distillation: folders, zips or .npy files"},
       {"published", &r.published,
        "published compact model to compare with; {session}, {neuron} and {label} are filled in"},
       {"start", &r.start,
        "teacher: students start as their part of it (of its first member); else the model file "
        "that they start from, of one neuron or shared by many; {session}, {neuron} and {label} "
        "are filled in; empty: fresh weights"},
       {"start_outputs", &r.start_outputs,
        "outputs of the model to start from that belong to the session; empty: derived"},
       {"simulated.size", &r.simulated.size, "pixels a side of simulated stimuli, divisible by 4"},
       {"simulated.images", &r.simulated.images,
        "stimuli with recorded responses to train a teacher on"},
       {"simulated.test_images", &r.simulated.test_images,
        "stimuli of the test session; its second half scores"},
       {"simulated.distill_images", &r.simulated.distill_images,
        "further stimuli, labelled by the teacher"}});
}

void add_teacher(Recipe& r, std::vector<Setting>& all) {
  auto& t = r.teacher_training;
  all.insert(
      all.end(),
      {{"teacher_training.members", &t.members, "members of the ensemble, which differ by seed"},
       {"teacher_training.steps", &t.steps,
        "steps of trunk and readout on the session that scores; 0: with several sessions none, "
        "with one as the epochs say"},
       {"teacher_training.epochs", &t.epochs,
        "epochs; epoch e makes e + 1 passes over each session"},
       {"teacher_training.batch", &t.batch, "images in a step"},
       {"teacher_training.optimiser", &t.optimiser, "sgd or adam"},
       {"teacher_training.learning_rate", &t.learning_rate, "learning rate at the start"},
       {"teacher_training.loss", &t.loss,
        "squared, or poisson (responses at least 0), of what is trained in steps"},
       {"teacher_training.patience", &t.patience,
        "scores on images held out without a better one, after which training ends and the best "
        "weights are taken; 0: never"},
       {"teacher_training.when_weak", &t.when_weak,
        "stop, or go_on, when the teacher explains no more than chance of images held out"},
       {"teacher_training.readout", &t.readout,
        "with trunk: gaussian, ridge, projection, factorised, dense or average (docs/readouts.md)"},
       {"teacher_training.fine_tune", &t.fine_tune,
        "with trunk: train it and its readouts further on the session that scores, where that "
        "explains images held out better: auto (with many images), always or never"},
       {"teacher_training.fine_tune_steps", &t.fine_tune_steps, "most steps of that"},
       {"teacher_training.fine_tune_learning_rate", &t.fine_tune_learning_rate,
        "its learning rate at the start (Adam)"},
       {"teacher_training.stem", &t.stem, "filters of the first layer"},
       {"teacher_training.width", &t.width, "filters of the core"},
       {"teacher_training.middle", &t.middle, "filters inside a residual block"},
       {"teacher_training.residual_blocks", &t.residual_blocks, "number of residual blocks"},
       {"teacher_training.variants", &t.variants, "variants of each image, the first untouched"},
       {"teacher_training.max_shift", &t.max_shift, "largest shift of a variant, pixels"},
       {"teacher_training.readout_passes", &t.readout_passes,
        "passes over the target session that fit its readout, with several sessions"}});
}

void add_core(Recipe& r, std::vector<Setting>& all) {
  auto& c = r.core;
  all.insert(all.end(),
             {{"core.filters", &c.filters, "filters of a core that all neurons of the run share"},
              {"core.images", &c.images,
               "images shown to the core, from which the students then start; 0: no core"},
              {"core.batch", &c.batch, "images in a step"},
              {"core.learning_rate", &c.learning_rate, "learning rate (Adam)"},
              {"core.schedule", &c.schedule, "constant or cosine"}});
}

void add_student(Recipe& r, std::vector<Setting>& all) {
  auto& d = r.distill;
  auto& a = r.augment;
  all.insert(all.end(),
             {{"distill.filters", &d.filters, "filters of the student's five layers"},
              {"distill.images", &d.images, "images shown to the student, repeats counted"},
              {"distill.batch", &d.batch, "images in a step"},
              {"distill.optimiser", &d.optimiser, "adam or gauss_newton"},
              {"distill.learning_rate", &d.learning_rate,
               "learning rate: about 0.001 with adam, 0.2 with gauss_newton"},
              {"distill.schedule", &d.schedule, "constant or cosine"},
              {"distill.variants", &d.variants, "variants of each image, the first untouched"},
              {"distill.smooth_every", &d.smooth_every,
               "images between smoothings of the kernels; 0: never"},
              {"distill.smooth_sigma", &d.smooth_sigma, "Gaussian of the smoothing, pixels"},
              {"distill.activation", &d.activation,
               "of a student (or core) with fresh weights: relu, or linear for none"},
              {"distill.fixed_layers", &d.fixed_layers,
               "layers, from the first on, whose kernels no training of student or core changes"},
              {"augment.flip", &a.flip, "probability of mirroring an image"},
              {"augment.max_shift", &a.max_shift, "largest shift of an image, pixels"},
              {"augment.contrast", &a.contrast, "largest relative change of contrast"},
              {"augment.brightness", &a.brightness, "largest change of brightness, grey levels"},
              {"augment.zoom", &a.zoom, "largest magnification less one, and the other way"}});
}

void add_stages(Recipe& r, std::vector<Setting>& all) {
  all.insert(
      all.end(),
      {{"prune.threshold", &r.prune.threshold, "share that pruning a layer must keep"},
       {"prune.floor", &r.prune.floor, "filters that stay in every layer"},
       {"prune.order", &r.prune.order, "deepest_first or shallowest_first"},
       {"prune.images", &r.prune.images, "images the criteria are measured on"},
       {"prune.criterion", &r.prune.criterion,
        "variance (layer by layer, as published) or response (small cuts, tuned in between)"},
       {"prune.step", &r.prune.step, "response: share of the filters that goes in one cut"},
       {"prune.parameters", &r.prune.parameters, "response: cuts end at so many parameters"},
       {"prune.keep", &r.prune.keep,
        "response: a list of sizes, in parameters: the largest in the place of prune.parameters, "
        "then in runs below sizes/ each smaller one, from the retrained network before it"},
       {"prune.tune_images", &r.prune.tune_images,
        "response: images shown after each cut, repeats counted"},
       {"prune.tune_learning_rate", &r.prune.tune_learning_rate,
        "response: learning rate of the tuning after each cut, by retrain.optimiser"},
       {"retrain.images", &r.retrain.images, "images shown to the pruned model, repeats counted"},
       {"retrain.batch", &r.retrain.batch, "images in a step"},
       {"retrain.optimiser", &r.retrain.optimiser, "adam or gauss_newton, of the tuning too"},
       {"retrain.learning_rate", &r.retrain.learning_rate,
        "learning rate: about 0.001 with adam, 0.2 with gauss_newton"},
       {"retrain.schedule", &r.retrain.schedule, "constant or cosine"},
       {"retrain.smooth_every", &r.retrain.smooth_every, "images between smoothings; 0: never"},
       {"retrain.smooth_sigma", &r.retrain.smooth_sigma, "Gaussian of the smoothing, pixels"},
       {"compress.max_loss", &r.compress.max_loss,
        "1 - squared correlation with the uncompressed model that is allowed"},
       {"compress.images", &r.compress.images, "images the errors of quantisation are measured on"},
       {"evaluate.every_steps", &r.evaluate.every_steps,
        "steps between points of the learning curve"},
       {"evaluate.validation_images", &r.evaluate.validation_images,
        "images held out of training for the learning curve; a fifth of all at most"},
       {"evaluate.bootstrap", &r.evaluate.bootstrap, "resamples behind a confidence interval"},
       {"evaluate.seen", &r.evaluate.seen,
        "refuse, or allow, that pictures which score were seen in training"},
       {"evaluate.fold", &r.evaluate.fold,
        "fold of the session's split.csv that scores, the others fit; -1: the smallest"},
       {"run.checkpoint_seconds", &r.run.checkpoint_seconds, "seconds between checkpoints"},
       {"run.loader_threads", &r.run.loader_threads, "threads that prepare images ahead"},
       {"run.label_cache", &r.run.label_cache,
        "folder of labels for all neurons of a session, shared between runs; empty: none"},
       {"run.trunk_cache", &r.run.trunk_cache,
        "folder that keeps the maps of ResNet-50, 0.8 MB an image, between runs; empty: none"}});
}

}  // namespace

std::vector<Setting> settings(Recipe& recipe) {
  std::vector<Setting> all;
  add_general(recipe, all);
  add_teacher(recipe, all);
  add_core(recipe, all);
  add_student(recipe, all);
  add_stages(recipe, all);
  return all;
}

}  // namespace secateur

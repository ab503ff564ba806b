import tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");
const slope = tf.grad((x) => tf.mul(2, tf.matMul(tf.transpose(x), x)).asScalar());
console.log("gradient", slope(tf.tensor([0, 1, 2, 3], [4, 1])).dataSync());

import tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";

await tf.setBackend("wasm");
const slope = tf.grad((x) => tf.mul(2, tf.matMul(tf.transpose(x), x)).asScalar());
console.log("gradient", slope(tf.tensor([0, 1, 2, 3], [4, 1])).dataSync());
